// The functions and methods of expressions: what types they take.

#include <array>

#include "rules/expression_compiler.h"
#include "rules/nearest.h"

namespace trapline::rules {
namespace {

constexpr std::array<std::string_view, 9> kFunctions = {"has",    "size", "int", "uint",  "double",
                                                        "string", "cidr", "oid", "lookup"};
constexpr std::array<std::string_view, 6> kMethods = {"startsWith", "endsWith", "contains",
                                                      "matches",    "size",     "covers"};

// Steps that select, of which one may ask whether there is something to select.
bool selects(Step step) {
  return step == Step::field || step == Step::variable || step == Step::tag ||
         step == Step::enrichment || step == Step::index || step == Step::varbind_field ||
         step == Step::column;
}

// What a rule may change while an event meets the rules.
bool is_set_by_rules(std::string_view path) {
  return path == "severity" || path == "state" || path == "key" || path == "summary";
}

}  // namespace

bool ExpressionCompiler::check_count(const SyntaxNode& node, std::size_t wanted) {
  const std::size_t receivers = node.kind == NodeKind::method ? 1 : 0;
  const std::size_t given = node.operands.size() - receivers;
  if (given == wanted) return true;
  broken(node.offset, node.text + "() takes " + std::to_string(wanted) +
                          (wanted == 1 ? " argument, not " : " arguments, not ") +
                          std::to_string(given));
  return false;
}

bool ExpressionCompiler::check_text(const SyntaxNode& node, const Known& operand) {
  if (!check_value(node, operand)) return false;
  if (is_open(operand.type) || is_text(operand.type)) return true;
  broken(node.offset, "a string is expected, but this is " + std::string(name_of(operand.type)),
         "write string(...)");
  return false;
}

ExpressionCompiler::Known ExpressionCompiler::call(const SyntaxNode& node) {
  if (node.text == "has") return has(node);
  if (node.text == "size") return size(node);
  if (node.text == "int") return conversion(node, Step::to_integer, Type::integer);
  if (node.text == "uint") return conversion(node, Step::to_uint, Type::uint);
  if (node.text == "double") return conversion(node, Step::to_double, Type::floating);
  if (node.text == "string") return conversion(node, Step::to_string, Type::string);
  if (node.text == "cidr") return prefix(node);
  if (node.text == "oid") return oid(node);
  if (node.text == "lookup") return lookup(node);
  for (const std::string_view known : kMethods) {
    if (known == node.text)
      return broken(node.offset, "`" + node.text + "` is asked of a value",
                    "write x." + node.text + "(...)");
  }
  return broken(node.offset, "no function `" + node.text + "`",
                nearest_hint(node.text, kFunctions));
}

ExpressionCompiler::Known ExpressionCompiler::has(const SyntaxNode& node) {
  if (!check_count(node, 1)) return {};
  const SyntaxNode& asked = nodes_[node.operands[0]];
  if (operand(node, 0).type == Type::broken) return {};
  const bool selected = asked.kind == NodeKind::select || asked.kind == NodeKind::index ||
                        asked.kind == NodeKind::identifier;
  if (!selected || program_->code.empty() || !selects(program_->code.back().step))
    return broken(node.offset, "has() asks for something that may be absent",
                  "write has(tags.team)");
  program_->code.back().has = true;
  return {.type = Type::boolean};
}

ExpressionCompiler::Known ExpressionCompiler::conversion(const SyntaxNode& node, Step step,
                                                         Type result) {
  if (!check_count(node, 1) || !check_value(nodes_[node.operands[0]], operand(node, 0))) return {};
  const Type from = operand(node, 0).type;
  bool known = is_open(from) || is_number(from) || is_text(from);
  if (step == Step::to_string) known = known || from == Type::boolean;
  if (step != Step::to_string) known = known && from != Type::oid && from != Type::address;
  if (from == Type::time && step != Step::to_integer && step != Step::to_string) known = false;
  if (!known) return broken(node.offset, "no " + node.text + "() of " + std::string(name_of(from)));
  return emit(result, step);
}

ExpressionCompiler::Known ExpressionCompiler::size(const SyntaxNode& node) {
  if (!check_count(node, node.kind == NodeKind::method ? 0 : 1)) return {};
  const Known& of = operand(node, 0);
  if (of.type == Type::varbinds) return emit(Type::integer, Step::size);
  if (!check_value(nodes_[node.operands[0]], of)) return {};
  if (!is_open(of.type) && !is_text(of.type) && of.type != Type::list)
    return broken(node.offset, "no size() of " + std::string(name_of(of.type)));
  return emit(Type::integer, Step::size);
}

ExpressionCompiler::Known ExpressionCompiler::prefix(const SyntaxNode& node) {
  if (!check_count(node, 1) || !check_text(nodes_[node.operands[0]], operand(node, 0))) return {};
  const Known& written = operand(node, 0);
  if (written.constant == kNone) return emit(Type::prefix, Step::to_prefix);
  const std::string_view text = literal_text(written);
  const auto parsed = base::IpPrefix::parse(text);
  if (!parsed) {
    return broken(node.offset, "`" + std::string(text) + "` is not a prefix",
                  "write an address, or a network and its length: 10.0.0.0/8");
  }
  take_back(written.begin);
  return constant(Type::prefix, Value::prefix(program_->prefixes.emplace_back(*parsed)));
}

ExpressionCompiler::Known ExpressionCompiler::oid(const SyntaxNode& node) {
  if (!check_count(node, 1) || !check_text(nodes_[node.operands[0]], operand(node, 0))) return {};
  const Known& written = operand(node, 0);
  if (written.constant == kNone) return emit(Type::oid, Step::to_oid);
  const std::string_view text = literal_text(written);
  auto parsed = vocabulary_.mibs.parse(text);
  if (!parsed) {
    return broken(node.offset, "`" + std::string(text) + "` is neither an OID nor a known name",
                  "write oid(\"1.3.6.1.2.1\") or oid(\"IF-MIB::linkDown\")");
  }
  take_back(written.begin);
  return constant(Type::oid, Value::oid(program_->oids.emplace_back(std::move(*parsed))));
}

ExpressionCompiler::Known ExpressionCompiler::lookup(const SyntaxNode& node) {
  if (!check_count(node, 2)) return {};
  const Known& name = operand(node, 0);
  const Known& key = operand(node, 1);
  if (!check_text(nodes_[node.operands[0]], name) || !check_value(nodes_[node.operands[1]], key))
    return {};
  if (name.constant == kNone)
    return broken(offset_of(node, 0), "the name of the table is a literal");
  const std::string text(literal_text(name));
  const Table* const table = vocabulary_.tables.find(text);
  if (table == nullptr) {
    const auto names = vocabulary_.tables.names();
    return broken(offset_of(node, 0), "no table `" + text + "`", nearest_hint(text, names));
  }
  const bool fits =
      is_open(key.type) || is_text(key.type) || (!table->by_prefix() && is_number(key.type));
  if (!fits) {
    return broken(offset_of(node, 1), std::string("the key is ") +
                                          (table->by_prefix() ? "an address" : "a string") +
                                          ", not " + std::string(name_of(key.type)));
  }
  // The name goes, the key stays.
  program_->code.erase(program_->code.begin() + static_cast<std::ptrdiff_t>(name.begin));
  for (Instruction& step : std::span(program_->code).subspan(name.begin)) {
    const bool jumps = step.step == Step::skip_if_false || step.step == Step::skip_if_true ||
                       step.step == Step::choose || step.step == Step::jump;
    if (jumps) --step.a;
    if (step.step == Step::choose) --step.b;
  }
  program_->tables.push_back(table);
  Known known = emit(Type::row, Step::lookup, program_->tables.size() - 1);
  known.table = table;
  return known;
}

ExpressionCompiler::Known ExpressionCompiler::method(const SyntaxNode& node) {
  const Known& of = operand(node, 0);
  if (of.type == Type::broken) return {};
  if (node.text == "size") return size(node);
  if (node.text == "matches") return matches(node);
  if (node.text == "covers") {
    if (!check_count(node, 1) || !check_text(nodes_[node.operands[1]], operand(node, 1))) return {};
    if (of.type != Type::oid && of.type != Type::dynamic)
      return broken(node.offset, "an OID covers", "write oid(\"1.3.6.1.4.1.9\").covers(trap.oid)");
    return emit(Type::boolean, Step::covers);
  }
  if (node.text == "contains" && of.type == Type::prefix) {
    if (!check_count(node, 1) || !check_text(nodes_[node.operands[1]], operand(node, 1))) return {};
    // cidr("...").contains(agent.ip): nothing but two steps.
    const Known& address = operand(node, 1);
    if (of.constant == kNone || !address.is_field) return emit(Type::boolean, Step::holds);
    const Instruction field = program_->code.back();
    const std::uint16_t prefix = of.constant;
    take_back(of.begin);
    program_->code.push_back(field);
    return emit(Type::boolean, Step::holds, prefix, 1);
  }
  Step step = Step::contains;
  if (node.text == "startsWith") {
    step = Step::starts_with;
  } else if (node.text == "endsWith") {
    step = Step::ends_with;
  } else if (node.text != "contains") {
    for (const std::string_view known : kFunctions) {
      if (known == node.text)
        return broken(node.offset, "no `." + node.text + "()`", "write " + node.text + "(...)");
    }
    return broken(node.offset, "no function `" + node.text + "`",
                  nearest_hint(node.text, kMethods));
  }
  if (!check_count(node, 1) || !check_text(nodes_[node.operands[0]], of) ||
      !check_text(nodes_[node.operands[1]], operand(node, 1)))
    return {};
  return emit(Type::boolean, step);
}

ExpressionCompiler::Known ExpressionCompiler::matches(const SyntaxNode& node) {
  if (!check_count(node, 1) || !check_text(nodes_[node.operands[0]], operand(node, 0)) ||
      !check_text(nodes_[node.operands[1]], operand(node, 1)))
    return {};
  const Known& pattern = operand(node, 1);
  if (pattern.constant == kNone)
    return broken(offset_of(node, 1), "the pattern of matches() is a literal");
  const std::string_view text = literal_text(pattern);
  std::string error;
  RegexRef regex{Regex::compile(text, error), {}};
  if (regex.alone == nullptr)
    return broken(offset_of(node, 1), "the regex is wrong: " + error,
                  "in a raw string backslashes stand for themselves: r\"\\d+\"");
  const std::string_view path = operand(node, 0).path;
  if (vocabulary_.regex_sets != nullptr && !path.empty())
    regex.member = vocabulary_.regex_sets->add(path, text);
  take_back(pattern.begin);
  program_->regexes.push_back(std::move(regex));
  Known known = emit(Type::boolean, Step::matches, program_->regexes.size() - 1);
  if (!is_set_by_rules(path)) known.guard = program_->regexes.back().member;
  return known;
}

}  // namespace trapline::rules
