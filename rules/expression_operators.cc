// The operators of expressions: what types they take.

#include <algorithm>
#include <array>

#include "rules/expression_compiler.h"
#include "rules/nearest.h"

namespace trapline::rules {
namespace {

// The fields that have but a few values, and these.
struct Words {
  Field field;
  std::array<std::string_view, 6> words;
};
constexpr std::array<Words, 6> kWords = {{
    {Field::severity, {"critical", "major", "minor", "warning", "info", "cleared"}},
    {Field::state, {"event", "raise", "clear"}},
    {Field::version, {"v1", "v2c", "v3"}},
    {Field::pdu, {"trap", "inform"}},
    {Field::security_level, {"noAuthNoPriv", "authNoPriv", "authPriv"}},
    {Field::agent_via, {"peer", "agent-addr", "snmpTrapAddress", "engine-id"}},
}};

constexpr std::array<std::pair<std::string_view, Step>, 5> kArithmetic = {{{"+", Step::add},
                                                                           {"-", Step::subtract},
                                                                           {"*", Step::multiply},
                                                                           {"/", Step::divide},
                                                                           {"%", Step::modulo}}};
constexpr std::array<std::pair<std::string_view, Step>, 4> kOrder = {{{"<", Step::less},
                                                                      {"<=", Step::less_equal},
                                                                      {">", Step::greater},
                                                                      {">=", Step::greater_equal}}};

bool can_be_equal(Type a, Type b) {
  if (is_open(a) || is_open(b) || a == b || a == Type::null || b == Type::null) return true;
  return (is_number(a) && is_number(b)) || (is_text(a) && is_text(b));
}

bool have_order(Type a, Type b) {
  const auto ordered = [](Type type) {
    return is_open(type) || is_number(type) || is_text(type) || type == Type::boolean;
  };
  return ordered(a) && ordered(b) && can_be_equal(a, b);
}

std::string conversion_hint(Type a, Type b) {
  if (is_text(a) && is_number(b)) return "convert one: string(7) or int(\"7\")";
  if (is_number(a) && is_text(b)) return "convert one: string(7) or int(\"7\")";
  if (is_number(a) && is_number(b)) return "convert one: int(x), uint(x) or double(x)";
  return {};
}

}  // namespace

ExpressionCompiler::Known ExpressionCompiler::unary(const SyntaxNode& node) {
  const Known& from = operand(node, 0);
  if (!check_value(nodes_[node.operands[0]], from)) return {};
  if (node.text == "!") {
    if (!is_open(from.type) && from.type != Type::boolean)
      return broken(node.offset, "`!` negates a bool, not " + std::string(name_of(from.type)));
    return emit(Type::boolean, Step::logical_not);
  }
  if (!is_open(from.type) && from.type != Type::integer && from.type != Type::floating)
    return broken(node.offset, "`-` negates a number, not " + std::string(name_of(from.type)));
  return emit(from.type, Step::negate);
}

ExpressionCompiler::Known ExpressionCompiler::binary(const SyntaxNode& node) {
  if (node.text == "&&" || node.text == "||") return logical(node);
  if (node.text == "in") return membership(node);
  if (!check_value(nodes_[node.operands[0]], operand(node, 0)) ||
      !check_value(nodes_[node.operands[1]], operand(node, 1)))
    return {};
  if (node.text == "==") return comparison(node, Step::equal, false);
  if (node.text == "!=") return comparison(node, Step::not_equal, false);
  for (const auto& [text, step] : kOrder) {
    if (text == node.text) return comparison(node, step, true);
  }
  const auto found =
      std::ranges::find(kArithmetic, node.text, &std::pair<std::string_view, Step>::first);
  return arithmetic(node, found->second);
}

ExpressionCompiler::Known ExpressionCompiler::logical(const SyntaxNode& node) {
  for (std::size_t i = 0; i < 2; ++i) {
    const Known& side = operand(node, i);
    if (!check_value(nodes_[node.operands[i]], side)) return {};
    if (!is_open(side.type) && side.type != Type::boolean) {
      return broken(offset_of(node, i), "`" + node.text + "` joins conditions, but this is " +
                                            std::string(name_of(side.type)));
    }
  }
  const std::size_t skip = operand(node, 2).end - 1;
  Known known = emit(Type::boolean, node.text == "&&" ? Step::logical_and : Step::logical_or);
  program_->code[skip].a = static_cast<std::uint16_t>(program_->code.size());
  if (node.text == "&&") {
    known.guard = operand(node, 0).guard ? operand(node, 0).guard : operand(node, 1).guard;
  }
  return known;
}

ExpressionCompiler::Known ExpressionCompiler::jump(const SyntaxNode& node) {
  if (node.kind == NodeKind::choose) return emit(Type::broken, Step::choose);
  if (node.kind == NodeKind::join) return emit(Type::broken, Step::jump);
  return emit(Type::broken, node.text == "&&" ? Step::skip_if_false : Step::skip_if_true);
}

ExpressionCompiler::Known ExpressionCompiler::conditional(const SyntaxNode& node) {
  const Type condition = operand(node, 0).type;
  const Type first = operand(node, 1).type;
  const Type second = operand(node, 2).type;
  for (std::size_t i = 0; i < 3; ++i) {
    if (!check_value(nodes_[node.operands[i]], operand(node, i))) return {};
  }
  if (!is_open(condition) && condition != Type::boolean) {
    return broken(offset_of(node, 0),
                  "before `?` stands a condition, but this is " + std::string(name_of(condition)));
  }
  Instruction& choose = program_->code[operand(node, 3).end - 1];
  Instruction& join = program_->code[operand(node, 4).end - 1];
  choose.a = static_cast<std::uint16_t>(operand(node, 4).end);
  choose.b = join.a = static_cast<std::uint16_t>(program_->code.size());
  if (first == second) return {.type = first};
  return {.type = is_text(first) && is_text(second) ? Type::string : Type::dynamic};
}

void ExpressionCompiler::check_word(const SyntaxNode& node, const Known& field,
                                    const Known& literal) {
  if (!field.is_field || literal.constant == kNone) return;
  const auto known = std::ranges::find(kWords, field.field, &Words::field);
  if (known == kWords.end()) return;
  const auto end = std::ranges::find(known->words, std::string_view());
  const std::span<const std::string_view> words(known->words.begin(), end);
  const Value& value = program_->constants[literal.constant];
  const std::span<const Value> one(&value, 1);
  for (const Value& item : literal.type == Type::list ? value.items() : one) {
    if (item.kind() != Value::Kind::string || std::ranges::find(words, item.text()) != words.end())
      continue;
    std::string hint = nearest_hint(item.text(), words);
    if (hint.empty()) {
      for (const std::string_view word : words) {
        hint += (hint.empty() ? "it is one of " : ", ") + std::string(word);
      }
    }
    broken(node.offset, std::string(field.path) + " is never \"" + std::string(item.text()) + "\"",
           std::move(hint));
  }
}

ExpressionCompiler::Known ExpressionCompiler::comparison(const SyntaxNode& node, Step step,
                                                         bool ordered) {
  const Known& a = operand(node, 0);
  const Known& b = operand(node, 1);
  if (ordered ? !have_order(a.type, b.type) : !can_be_equal(a.type, b.type)) {
    return broken(node.offset,
                  std::string(name_of(a.type)) + " and " + std::string(name_of(b.type)) +
                      " cannot be compared",
                  conversion_hint(a.type, b.type));
  }
  if (!ordered) {
    check_word(node, a, b);
    check_word(node, b, a);
    settle_literal(node, a, b);
    settle_literal(node, b, a);
  }
  // What stands there is compared where it stands.
  if (!ordered && b.constant != kNone) {
    take_back(b.begin);
    return emit(Type::boolean, step, b.constant, 1);
  }
  return emit(Type::boolean, step);
}

// A literal that an OID or an address is compared with is turned into one now, not for each event.
void ExpressionCompiler::settle_literal(const SyntaxNode& node, const Known& typed,
                                        const Known& literal) {
  if (literal.constant == kNone || literal.type != Type::string) return;
  Value& value = program_->constants[literal.constant];
  const std::string text(value.text());
  if (typed.type == Type::oid) {
    auto oid = protocol::Oid::parse(text);
    if (!oid) {
      broken(node.offset, "an OID is never \"" + text + "\"",
             "compare it with oid(\"IF-MIB::linkDown\"), or a name: trap.name");
      return;
    }
    value = Value::oid(program_->oids.emplace_back(std::move(*oid)));
  } else if (typed.type == Type::address) {
    const auto address = base::IpAddress::parse(text);
    if (!address) {
      broken(node.offset, "an address is never \"" + text + "\"",
             "prefixes are asked so: cidr(\"10.0.0.0/8\").contains(agent.ip)");
      return;
    }
    value = Value::address(program_->prefixes.emplace_back(base::IpPrefix{*address, 128}).network);
  }
}

ExpressionCompiler::Known ExpressionCompiler::arithmetic(const SyntaxNode& node, Step step) {
  const Type a = operand(node, 0).type;
  const Type b = operand(node, 1).type;
  const auto fits = [step](Type type) {
    if (is_open(type) || type == Type::integer || type == Type::uint) return true;
    if (type == Type::floating) return step != Step::modulo;
    return step == Step::add && (is_text(type) || type == Type::list);
  };
  const bool both_open = is_open(a) || is_open(b);
  const bool match = both_open || a == b || (is_text(a) && is_text(b));
  if (!fits(a) || !fits(b) || !match) {
    return broken(
        node.offset,
        "no `" + node.text + "` of " + std::string(name_of(a)) + " and " + std::string(name_of(b)),
        conversion_hint(a, b));
  }
  const Type known = is_open(a) ? b : a;
  return emit(is_text(known) ? Type::string : known, step);
}

ExpressionCompiler::Known ExpressionCompiler::membership(const SyntaxNode& node) {
  const Known& item = operand(node, 0);
  const Known& in = operand(node, 1);
  if (!check_value(nodes_[node.operands[0]], item) || in.type == Type::broken) return {};
  if (in.type == Type::map) {
    if (!is_open(item.type) && !is_text(item.type))
      return broken(node.offset, "names are strings, not " + std::string(name_of(item.type)));
    return emit(Type::boolean, Step::in, in.map, 1);
  }
  if (!is_open(in.type) && in.type != Type::list) {
    return broken(node.offset,
                  "`in` looks into a list or a map, not into " + std::string(name_of(in.type)),
                  is_text(in.type) ? "write text.contains(\"...\")" : "");
  }
  check_word(node, item, in);
  return emit(Type::boolean, Step::in);
}

}  // namespace trapline::rules
