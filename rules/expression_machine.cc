#include "rules/expression_machine.h"

#include "rules/value_operations.h"
#include "rules/varbind_value.h"

namespace trapline::rules {
namespace {

using Kind = Value::Kind;

constexpr std::string_view kNoItem = "no such item";
constexpr std::string_view kNoName = "no such name";
constexpr std::string_view kNoRow = "no such row";
constexpr std::uint32_t kAbsentRow = 0xffff'ffff;

// Objects of one MIB differ in their last octet: it is looked at first.
const protocol::VarBind* find_varbind(const Subject& subject, protocol::OidView object) {
  const base::Bytes wanted = object.content();
  if (wanted.empty()) return nullptr;
  for (const protocol::VarBind& varbind : subject.message.varbinds) {
    const base::Bytes name = varbind.name.content();
    if (name.size() < wanted.size() || name[wanted.size() - 1] != wanted.back()) continue;
    if (base::equal(name.first(wanted.size()), wanted)) return &varbind;
  }
  return nullptr;
}

const protocol::VarBind* find_varbind(const Subject& subject, std::string_view label) {
  for (const protocol::VarBind& varbind : subject.message.varbinds) {
    const ObjectName name = object_of(varbind.name, subject.mibs);
    if (name.node != nullptr && name.node->label == label) return &varbind;
  }
  return nullptr;
}

// One run: the registers of the machine.
class Machine {
 public:
  Machine(const Program& program, const Subject& subject, EvaluationScratch& scratch)
      : program_(program), subject_(subject), scratch_(scratch), top_(scratch.stack()) {}

  const Value& run() {
    const std::span<const Instruction> code = program_.code;
    for (std::size_t at = 0; at < code.size();) at = take(code[at], at);
    Value& result = *(top_ - 1);
    const bool right = result.kind() == Kind::boolean || result.is_error();
    if (program_.wants_boolean && !right) {
      result = Value::error("a condition is neither true nor false");
    }
    return result;
  }

 private:
  void push(const Value& value) { *top_++ = value; }
  // Has `make` put its value where it belongs: a copy of what was just written piece by piece waits
  // for the processor to gather it.
  template <class Make>
  void push_made(Make&& make) {
    new (top_) Value(make());
    ++top_;
  }
  // Valid until the next push.
  const Value& pop() { return *--top_; }
  // Puts `value`, or whether there is one.
  void push_selected(const Instruction& step, const Value& value) {
    push(step.has ? Value::boolean(!value.is_error()) : value);
  }

  // With `has`, puts instead of the value whether there is one.
  void ask_whether_selected(const Instruction& step) {
    if (step.has) *(top_ - 1) = Value::boolean(!(top_ - 1)->is_error());
  }

  // Takes a step; where the next one stands.
  std::size_t take(const Instruction& step, std::size_t at) {
    switch (step.step) {
      case Step::skip_if_false: return (top_ - 1)->is_false() ? step.a : at + 1;
      case Step::skip_if_true: return (top_ - 1)->is_true() ? step.a : at + 1;
      case Step::jump: return step.a;
      case Step::choose: return choose(step, at);
      case Step::constant: push(program_.constants[step.a]); break;
      case Step::field:
        push_made([&] { return field_of(subject_, static_cast<Field>(step.a), scratch_); });
        ask_whether_selected(step);
        break;
      case Step::variable: select_variable(step, program_.variables[step.a]); break;
      case Step::tag: select_tag(step); break;
      case Step::enrichment: select_enrichment(step); break;
      case Step::map: push(Value::map(step.a)); break;
      case Step::varbinds: push(Value::varbinds()); break;
      case Step::index: step.b != 0 ? select_named(step) : select_item(step); break;
      case Step::varbind_field: select_varbind_field(step); break;
      case Step::lookup: look_up(*program_.tables[step.a]); break;
      case Step::column: select_column(step); break;
      case Step::list: make_list(step.a); break;
      case Step::logical_and:
      case Step::logical_or: join(step.step == Step::logical_and); break;
      default: operate(step); break;
    }
    return at + 1;
  }

  std::size_t choose(const Instruction& step, std::size_t at) {
    const Value condition = pop();
    if (condition.is_true()) return at + 1;
    if (condition.is_false()) return step.a;
    push(condition.is_error() ? condition : Value::error(kNoOverload));
    return step.b;
  }

  void operate(const Instruction& step) {
    switch (step.step) {
      case Step::logical_not:
      case Step::negate:
      case Step::size:
      case Step::to_integer:
      case Step::to_uint:
      case Step::to_double:
      case Step::to_string:
      case Step::to_prefix:
      case Step::to_oid:
      case Step::matches: {
        Value& operand = *(top_ - 1);
        if (!operand.is_error()) operand = of_one(step, operand);
        return;
      }
      case Step::in:
        if (step.b != 0) {
          const Value name = pop();
          return push(name.is_error() ? name : is_named(step.a, name));
        }
        break;
      case Step::equal:
      case Step::not_equal:
        if (step.b != 0) return compare_with(program_.constants[step.a], step.step);
        break;
      case Step::holds:
        if (step.b != 0) return ask_prefix(program_.constants[step.a]);
        break;
      default: break;
    }
    const Value& b = pop();
    Value& a = *(top_ - 1);
    if (a.is_error()) return;
    if (b.is_error()) {
      a = b;
    } else if (step.step == Step::equal || step.step == Step::not_equal) {
      a.become(are_equal(a, b) == (step.step == Step::equal));
    } else if (step.step == Step::holds && a.kind() == Kind::prefix && b.kind() == Kind::address) {
      a.become(a.as_prefix().contains(b.as_address()));
    } else {
      a = of_two(step.step, a, b);
    }
  }

  void compare_with(const Value& constant, Step step) {
    Value& operand = *(top_ - 1);
    if (!operand.is_error()) operand.become(are_equal(operand, constant) == (step == Step::equal));
  }

  void ask_prefix(const Value& prefix) {
    Value& operand = *(top_ - 1);
    if (operand.kind() == Kind::address) {
      operand.become(prefix.as_prefix().contains(operand.as_address()));
    } else if (!operand.is_error()) {
      operand = holds(prefix, operand);
    }
  }

  Value of_one(const Instruction& step, const Value& operand) {
    switch (step.step) {
      case Step::logical_not:
        return operand.kind() == Kind::boolean ? Value::boolean(!operand.is_true())
                                               : Value::error(kNoOverload);
      case Step::negate: return negate(operand);
      case Step::size:
        if (operand.kind() == Kind::varbinds)
          return Value::integer(static_cast<std::int64_t>(subject_.message.varbinds.size()));
        return size_of(operand, scratch_);
      case Step::matches: return match(program_.regexes[step.a], operand);
      default: return convert(step.step, operand, subject_.mibs, scratch_);
    }
  }

  Value of_two(Step step, const Value& a, const Value& b) {
    switch (step) {
      case Step::equal: return Value::boolean(are_equal(a, b));
      case Step::not_equal: return Value::boolean(!are_equal(a, b));
      case Step::less:
      case Step::less_equal:
      case Step::greater:
      case Step::greater_equal: return compare(step, a, b, scratch_);
      case Step::in: return is_item(a, b);
      case Step::starts_with:
      case Step::ends_with:
      case Step::contains: return search(step, a, b);
      case Step::holds: return holds(a, b);
      case Step::covers: return covers(a, b);
      default: return calculate(step, a, b, scratch_);
    }
  }

  // && and ||: what decides does so, whatever the other side is.
  void join(bool conjunction) {
    const Value& b = pop();
    Value& a = *(top_ - 1);
    const auto decides = [conjunction](const Value& side) {
      return conjunction ? side.is_false() : side.is_true();
    };
    if (decides(a)) return;
    if (decides(b)) {
      a = b;
    } else if (a.kind() != Kind::boolean) {
      if (!a.is_error()) a = Value::error(kNoOverload);
    } else {
      a = b.kind() == Kind::boolean || b.is_error() ? b : Value::error(kNoOverload);
    }
  }

  void select_variable(const Instruction& step, const Variable& variable) {
    for (const Variable::Target& target : variable.targets) {
      const protocol::VarBind* const found = find_varbind(subject_, target.oid);
      if (found == nullptr) continue;
      if (step.has) return push(Value::boolean(true));
      const auto* const node =
          target.node != nullptr ? target.node : object_of(found->name, subject_.mibs).node;
      return push_made([&] { return value_of(found->value, node, scratch_); });
    }
    const protocol::VarBind* const named =
        variable.targets.empty() ? find_varbind(subject_, variable.label) : nullptr;
    if (named == nullptr) return push_selected(step, Value::absent(variable.missing));
    push_selected(step, varbind_field_of(subject_, *named, VarbindField::value, scratch_));
  }

  void select_tag(const Instruction& step) {
    const std::string* const tag = subject_.draft.tag(program_.constants[step.a].text());
    push_selected(step, tag != nullptr ? Value::string(*tag) : program_.constants[step.b]);
  }

  Value enriched(std::string_view enrichment, std::string_view member, const Value& missing) {
    const protocol::VarBind* const found =
        subject_.enrichments == nullptr ? nullptr : subject_.enrichments->value(enrichment, member);
    if (found == nullptr) return missing;
    return varbind_field_of(subject_, *found, VarbindField::value, scratch_);
  }

  void select_enrichment(const Instruction& step) {
    const std::string_view enrichment = program_.constants[step.b + 1U].text();
    push_selected(
        step, enriched(enrichment, program_.constants[step.a].text(), program_.constants[step.b]));
  }

  // A member of a map by a name known only now.
  Value named(std::uint16_t map, std::string_view name) {
    if (map == kTagsMap) {
      const std::string* const tag = subject_.draft.tag(name);
      return tag != nullptr ? Value::string(*tag) : Value::absent(kNoName);
    }
    if (map != kVariablesMap)
      return enriched(program_.enrichments[map - kFirstEnrichmentMap], name,
                      Value::absent(kNoName));
    const protocol::VarBind* found = find_varbind(subject_, name);
    if (found == nullptr) {
      const auto oid = subject_.mibs.parse(name);
      if (oid) found = find_varbind(subject_, *oid);
    }
    return found == nullptr ? Value::absent(kNoName)
                            : varbind_field_of(subject_, *found, VarbindField::value, scratch_);
  }

  Value is_named(std::uint16_t map, const Value& name) {
    const auto text = text_of(name, scratch_);
    return text ? Value::boolean(!named(map, *text).is_error()) : Value::error(kNoOverload);
  }

  void select_named(const Instruction& step) {
    const Value name = pop();
    if (name.is_error()) return push(name);
    const auto text = text_of(name, scratch_);
    push_selected(step, text ? named(step.a, *text) : Value::error(kNoOverload));
  }

  void select_item(const Instruction& step) {
    const Value index = pop();
    const Value from = pop();
    if (from.is_error() || index.is_error()) return push(from.is_error() ? from : index);
    const bool whole = index.kind() == Kind::integer || index.kind() == Kind::enumerated ||
                       index.kind() == Kind::uint;
    if (!whole) return push(Value::error(kNoOverload));
    const std::uint64_t at = index.as_uint();  // a negative one is beyond any list
    if (from.kind() == Kind::varbinds) {
      const auto varbinds = subject_.message.varbinds;
      return push_selected(
          step, at < varbinds.size() ? Value::varbind(varbinds[at]) : Value::absent(kNoItem));
    }
    if (from.kind() != Kind::list) return push(Value::error(kNoOverload));
    push_selected(step, at < from.items().size() ? from.items()[at] : Value::absent(kNoItem));
  }

  void select_varbind_field(const Instruction& step) {
    const Value from = pop();
    if (from.kind() != Kind::varbind) return push_selected(step, from);
    const auto field = static_cast<VarbindField>(step.a);
    push_selected(step, varbind_field_of(subject_, from.as_varbind(), field, scratch_));
  }

  void look_up(const Table& table) {
    Value& key = *(top_ - 1);
    if (key.is_error()) return;
    std::optional<std::uint32_t> row;
    if (table.by_prefix()) {
      if (const auto address = address_of(key)) row = table.find(*address);
    } else {
      const Value text = convert(Step::to_string, key, subject_.mibs, scratch_);
      if (!text.is_error()) row = table.find(text.text());
    }
    key = Value::row(table, row.value_or(kAbsentRow));
  }

  void select_column(const Instruction& step) {
    const Value row = pop();
    if (row.is_error()) return push_selected(step, row);
    const bool absent = row.row_number() == kAbsentRow;
    push_selected(step, absent ? Value::absent(kNoRow)
                               : Value::string(row.table().cell(row.row_number(), step.a)));
  }

  void make_list(std::size_t count) {
    top_ -= count;
    for (std::size_t i = 0; i < count; ++i) {
      const bool holdable = !top_[i].is_error() && top_[i].kind() != Kind::list;
      if (!holdable) return push(top_[i].is_error() ? top_[i] : Value::error(kNoOverload));
    }
    auto* const items = reinterpret_cast<Value*>(scratch_.allocate(count * sizeof(Value)));
    std::uninitialized_copy_n(top_, count, items);
    push(Value::list({items, count}));
  }

  static Value is_item(const Value& item, const Value& list) {
    if (list.kind() != Kind::list) return Value::error(kNoOverload);
    for (const Value& candidate : list.items()) {
      if (are_equal(item, candidate)) return Value::boolean(true);
    }
    return Value::boolean(false);
  }

  Value search(Step step, const Value& a, const Value& b) {
    const auto text = text_of(a, scratch_);
    const auto wanted = text_of(b, scratch_);
    if (!text || !wanted) return Value::error(kNoOverload);
    if (step == Step::starts_with) return Value::boolean(text->starts_with(*wanted));
    if (step == Step::ends_with) return Value::boolean(text->ends_with(*wanted));
    return Value::boolean(text->find(*wanted) != std::string_view::npos);
  }

  static Value holds(const Value& prefix, const Value& value) {
    if (prefix.kind() != Kind::prefix) return Value::error(kNoOverload);
    if (value.kind() == Kind::address)
      return Value::boolean(prefix.as_prefix().contains(value.as_address()));
    const auto address = address_of(value);
    if (!address) return Value::error("this is no address");
    return Value::boolean(prefix.as_prefix().contains(*address));
  }

  Value covers(const Value& a, const Value& b) {
    if (a.kind() != Kind::oid) return Value::error(kNoOverload);
    const Value of = convert(Step::to_oid, b, subject_.mibs, scratch_);
    return of.is_error() ? of : Value::boolean(of.as_oid().starts_with(a.as_oid()));
  }

  Value match(const RegexRef& regex, const Value& value) {
    const auto text = text_of(value, scratch_);
    if (!text) return Value::error(kNoOverload);
    if (regex.member) {
      const auto known = program_.regex_sets->ask(*regex.member, *text, scratch_);
      if (known) return Value::boolean(*known);
    }
    return Value::boolean(regex.alone->occurs_in(*text));
  }

  const Program& program_;
  const Subject& subject_;
  EvaluationScratch& scratch_;
  Value* top_;
};

}  // namespace

const Value& run(const Program& program, const Subject& subject, EvaluationScratch& scratch) {
  scratch.begin_evaluation();
  return Machine(program, subject, scratch).run();
}

}  // namespace trapline::rules
