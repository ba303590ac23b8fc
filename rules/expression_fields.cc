#include "rules/expression_fields.h"

#include <algorithm>
#include <array>

#include "protocol/tolerance.h"
#include "rules/expression.h"
#include "rules/varbind_value.h"

namespace trapline::rules {
namespace {

using protocol::TrapMessage;
using protocol::Version;

void append_address(const base::IpAddress& address, std::string& out) {
  std::array<char, 46> room;
  out += address.format(room);
}

Value key_of(const Subject& subject, EvaluationScratch& scratch) {
  if (!subject.draft.key.empty()) return Value::string(subject.draft.key);
  std::string& text = scratch.text();
  append_address(subject.message.agent, text);
  text += '/';
  subject.message.trap_oid.append_to(text);
  return Value::string(scratch.keep(text));
}

Value summary_of(const Subject& subject, EvaluationScratch& scratch) {
  if (!subject.draft.summary.empty()) return Value::string(subject.draft.summary);
  std::string& text = scratch.text();
  append_trap_name(subject, text);
  text += " from ";
  append_address(subject.message.agent, text);
  return Value::string(scratch.keep(text));
}

Value flags_of(protocol::Tolerances flags, EvaluationScratch& scratch) {
  std::array<Value, protocol::kToleranceCount> items;
  std::size_t count = 0;
  for (int i = 0; !flags.empty() && i < protocol::kToleranceCount; ++i) {
    const auto tolerance = static_cast<protocol::Tolerance>(i);
    if (flags.has(tolerance)) items[count++] = Value::string(name_of(tolerance));
  }
  return Value::list({scratch.keep_object(items).data(), count});
}

Value trap_field_of(const Subject& subject, Field field, EvaluationScratch& scratch) {
  if (field == Field::trap_name) {
    std::string& text = scratch.text();
    append_trap_name(subject, text);
    return Value::string(scratch.keep(text));
  }
  const ObjectName name = object_of(subject.message.trap_oid, subject.mibs);
  if (name.node == nullptr) return Value::string("");
  return Value::string(field == Field::trap_module ? name.node->module : name.node->label);
}

Value engine_id_of(const TrapMessage& message, EvaluationScratch& scratch) {
  if (message.version != Version::v3) return Value::absent("no security.engine_id");
  std::string& text = scratch.text();
  append_hex(message.security.engine_id, text);
  return Value::string(scratch.keep(text));
}

Value index_of(const ObjectName& name, EvaluationScratch& scratch) {
  if (name.node == nullptr || name.instance.empty()) return Value::string("");
  std::string& text = scratch.text();
  name.instance.append_suffix_to(text);
  return Value::string(scratch.keep(text));
}

Value short_name_of(protocol::OidView oid, const ObjectName& name,
                    const protocol::mib::MibIndex& mibs, EvaluationScratch& scratch) {
  std::string& text = scratch.text();
  if (name.node == nullptr) {
    mibs.append_short_name(oid, text);
  } else {
    text += name.node->label;
    if (!name.instance.empty()) text += '.';
    if (!name.instance.empty()) name.instance.append_suffix_to(text);
  }
  return Value::string(scratch.keep(text));
}

}  // namespace

void append_trap_name(const Subject& subject, std::string& out) {
  const ObjectName name = object_of(subject.message.trap_oid, subject.mibs);
  if (name.node == nullptr) return subject.mibs.append_name(subject.message.trap_oid, out);
  out += name.node->module;
  out += "::";
  out += name.node->label;
  if (name.instance.empty()) return;
  out += '.';
  name.instance.append_suffix_to(out);
}

bool is_field_name(std::string_view name) {
  if (name == "vars" || name == "varbinds" || name == "tags") return true;
  return std::ranges::any_of(kFields, [name](const FieldRule& rule) {
    return rule.name.substr(0, rule.name.find('.')) == name;
  });
}

Value field_of(const Subject& subject, Field field, EvaluationScratch& scratch) {
  const TrapMessage& message = subject.message;
  const bool v3 = message.version == Version::v3;
  switch (field) {
    case Field::trap_oid: return Value::oid(message.trap_oid);
    case Field::trap_name:
    case Field::trap_module:
    case Field::trap_label: return trap_field_of(subject, field, scratch);
    case Field::agent_ip: return Value::address(message.agent);
    case Field::agent_via: return Value::string(name_of(message.agent_via));
    case Field::peer_ip: return Value::address(message.peer.ip);
    case Field::peer_port: return Value::integer(message.peer.port);
    case Field::version: return Value::string(name_of(message.version));
    case Field::pdu: return Value::string(name_of(message.pdu));
    case Field::security_name: return Value::string(v3 ? message.security.name : message.community);
    case Field::security_level: return Value::string(name_of(message.security.level));
    case Field::security_engine_id: return engine_id_of(message, scratch);
    case Field::security_context:
      return v3 ? Value::string(message.security.context_name)
                : Value::absent("no security.context");
    case Field::enterprise:
      return message.enterprise.empty() ? Value::absent("no enterprise")
                                        : Value::oid(message.enterprise);
    case Field::uptime: return Value::integer(message.uptime);
    case Field::listener: return Value::string(message.listener);
    case Field::flags: return flags_of(message.flags, scratch);
    case Field::severity: return Value::string(name_of(subject.draft.severity));
    case Field::state: return Value::string(name_of(subject.draft.state));
    case Field::key: return key_of(subject, scratch);
    case Field::summary: return summary_of(subject, scratch);
    case Field::time: return Value::time(subject.time);
    case Field::synthetic: return Value::string(name_of(subject.made_by));
  }
  return Value::error("no such field");
}

Value varbind_field_of(const Subject& subject, const protocol::VarBind& varbind, VarbindField field,
                       EvaluationScratch& scratch) {
  if (field == VarbindField::oid) return Value::oid(varbind.name);
  if (field == VarbindField::type) return Value::string(protocol::name_of(varbind.value.type));
  const ObjectName name = object_of(varbind.name, subject.mibs);
  if (field == VarbindField::name) return short_name_of(varbind.name, name, subject.mibs, scratch);
  if (field == VarbindField::index) return index_of(name, scratch);
  if (field == VarbindField::value) return value_of(varbind.value, name.node, scratch);
  std::string& text = scratch.text();
  append_value_text(varbind.value, name.node, subject.mibs, text);
  if (text.size() > kMaxProducedBytes) return Value::error("this text is too long");
  return Value::string(scratch.keep(text));
}

}  // namespace trapline::rules
