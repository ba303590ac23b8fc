// The fixed fields of an event.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "rules/draft.h"
#include "rules/evaluation_scratch.h"
#include "rules/value.h"

namespace trapline::rules {

enum class Field : std::uint8_t {
  trap_oid,
  trap_name,
  trap_module,
  trap_label,
  agent_ip,
  agent_via,
  peer_ip,
  peer_port,
  version,
  pdu,
  security_name,
  security_level,
  security_engine_id,
  security_context,
  enterprise,
  uptime,
  listener,
  flags,
  severity,
  state,
  key,
  summary,
  time,
  synthetic,
};

// What is known of a value when an expression is compiled.
enum class Type : std::uint8_t {
  broken,  // something is wrong with it, and that was said
  dynamic,
  null,
  boolean,
  integer,
  uint,
  floating,
  string,
  oid,
  address,
  time,
  list,
  prefix,
  varbinds,
  varbind,
  row,
  map,
  space,  // the part of a field's name before the dot
};

// A field, its name and what it is. Plain value.
struct FieldRule {
  std::string_view name;
  Field field;
  Type type;
};

inline constexpr std::array<FieldRule, 24> kFields = {{
    {"trap.oid", Field::trap_oid, Type::oid},
    {"trap.name", Field::trap_name, Type::string},
    {"trap.module", Field::trap_module, Type::string},
    {"trap.label", Field::trap_label, Type::string},
    {"agent.ip", Field::agent_ip, Type::address},
    {"agent.via", Field::agent_via, Type::string},
    {"peer.ip", Field::peer_ip, Type::address},
    {"peer.port", Field::peer_port, Type::integer},
    {"version", Field::version, Type::string},
    {"pdu", Field::pdu, Type::string},
    {"security.name", Field::security_name, Type::string},
    {"security.level", Field::security_level, Type::string},
    {"security.engine_id", Field::security_engine_id, Type::string},
    {"security.context", Field::security_context, Type::string},
    {"enterprise", Field::enterprise, Type::oid},
    {"uptime", Field::uptime, Type::integer},
    {"listener", Field::listener, Type::string},
    {"flags", Field::flags, Type::list},
    {"severity", Field::severity, Type::string},
    {"state", Field::state, Type::string},
    {"key", Field::key, Type::string},
    {"summary", Field::summary, Type::string},
    {"time", Field::time, Type::time},
    {"synthetic", Field::synthetic, Type::string},
}};

// Whether fields begin with `name`, or are called so: nothing else may be.
[[nodiscard]] bool is_field_name(std::string_view name);

enum class VarbindField : std::uint8_t { oid, name, index, type, value, text };

// The member of a varbind, as kFields. Plain value.
struct VarbindFieldRule {
  std::string_view name;
  VarbindField field;
  Type type;
};

inline constexpr std::array<VarbindFieldRule, 6> kVarbindFields = {{
    {"oid", VarbindField::oid, Type::oid},
    {"name", VarbindField::name, Type::string},
    {"index", VarbindField::index, Type::string},
    {"type", VarbindField::type, Type::string},
    {"value", VarbindField::value, Type::dynamic},
    {"text", VarbindField::text, Type::string},
}};

// Appends "IF-MIB::linkDown", or the OID.
void append_trap_name(const Subject& subject, std::string& out);

// The value of a field; an error when the event has none ("no enterprise"). Views the subject and
// the scratch.
[[nodiscard]] Value field_of(const Subject& subject, Field field, EvaluationScratch& scratch);

// The same for a member of a variable binding of the event.
[[nodiscard]] Value varbind_field_of(const Subject& subject, const protocol::VarBind& varbind,
                                     VarbindField field, EvaluationScratch& scratch);

}  // namespace trapline::rules
