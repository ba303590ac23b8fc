#include "rules/expression_compiler.h"

#include <algorithm>
#include <array>

#include "rules/nearest.h"
#include "rules/value_operations.h"

namespace trapline::rules {
namespace {

// All names that may begin an expression.
std::vector<std::string_view> first_names(const Vocabulary& vocabulary) {
  std::vector<std::string_view> names = {"vars", "varbinds", "tags"};
  for (const FieldRule& rule : kFields) names.push_back(rule.name.substr(0, rule.name.find('.')));
  for (const EnrichmentNames& enrichment : vocabulary.enrichments) names.push_back(enrichment.name);
  return names;
}

// What stands behind the dot of the fields of a space.
std::vector<std::string_view> members_of(std::string_view space) {
  std::vector<std::string_view> names;
  for (const FieldRule& rule : kFields) {
    const std::size_t dot = rule.name.find('.');
    if (rule.name.substr(0, dot) == space && dot != std::string_view::npos)
      names.push_back(rule.name.substr(dot + 1));
  }
  return names;
}

std::string listed(std::span<const std::string_view> names) {
  std::string text;
  for (const std::string_view name : names) {
    if (!text.empty()) text += ", ";
    text += name;
  }
  return text;
}

}  // namespace

std::string_view name_of(Type type) {
  constexpr std::array<std::string_view, 18> kNames = {
      "something wrong", "dyn", "null",    "bool",           "int",  "uint", "double",
      "string",          "OID", "address", "time",           "list", "cidr", "list of varbinds",
      "varbind",         "row", "map",     "group of fields"};
  return kNames[static_cast<std::size_t>(type)];
}

std::shared_ptr<const Program> ExpressionCompiler::compile(Expression::Wanted wanted) {
  nodes_ = parse_expression(text_, problems_);
  if (nodes_.empty()) return nullptr;
  program_->regex_sets = vocabulary_.regex_sets;
  program_->wants_boolean = wanted == Expression::Wanted::boolean;
  for (const EnrichmentNames& enrichment : vocabulary_.enrichments) {
    program_->enrichments.push_back(keep(enrichment.name));
  }
  known_.resize(nodes_.size());
  for (std::size_t i = 0; i < nodes_.size(); ++i) compile_node(i);
  const Known& whole = known_.back();
  const std::size_t offset = nodes_.back().offset;
  if (!check_value(nodes_.back(), whole)) return nullptr;
  if (program_->wants_boolean && !is_open(whole.type) && whole.type != Type::boolean) {
    problems_.add(offset,
                  "a condition is true or false, but this is " + std::string(name_of(whole.type)),
                  "compare it, e.g. with `==`");
  }
  if (problems_.any()) return nullptr;
  program_->guard = whole.guard;
  return std::move(program_);
}

void ExpressionCompiler::compile_node(std::size_t at) {
  const SyntaxNode& node = nodes_[at];
  const std::size_t begin =
      node.operands.empty() ? program_->code.size() : known_[node.operands.front()].begin;
  Known known;
  switch (node.kind) {
    case NodeKind::identifier: known = identifier(node); break;
    case NodeKind::select: known = select(node); break;
    case NodeKind::index: known = index(node); break;
    case NodeKind::call: known = call(node); break;
    case NodeKind::method: known = method(node); break;
    case NodeKind::list: known = list(node); break;
    case NodeKind::negate: known = unary(node); break;
    case NodeKind::binary: known = binary(node); break;
    case NodeKind::skip:
    case NodeKind::choose:
    case NodeKind::join: known = jump(node); break;
    case NodeKind::conditional: known = conditional(node); break;
    default: known = literal(node); break;
  }
  known.begin = std::min(begin, program_->code.size());
  known.end = program_->code.size();
  known_[at] = known;
}

ExpressionCompiler::Known ExpressionCompiler::emit(Type type, Step step, std::size_t a,
                                                   std::size_t b) {
  program_->code.push_back(
      {step, false, static_cast<std::uint16_t>(a), static_cast<std::uint16_t>(b)});
  return {.type = type};
}

std::uint16_t ExpressionCompiler::add_constant(Value value) {
  program_->constants.push_back(value);
  return static_cast<std::uint16_t>(program_->constants.size() - 1);
}

ExpressionCompiler::Known ExpressionCompiler::constant(Type type, Value value) {
  const std::uint16_t at = add_constant(value);
  Known known = emit(type, Step::constant, at);
  known.constant = at;
  return known;
}

std::string_view ExpressionCompiler::keep(std::string text) {
  return program_->strings.emplace_back(std::move(text));
}

ExpressionCompiler::Known ExpressionCompiler::broken(std::size_t offset, std::string message,
                                                     std::string hint) {
  problems_.add(offset, std::move(message), std::move(hint));
  return {};
}

std::string_view ExpressionCompiler::literal_text(const Known& known) const {
  return program_->constants[known.constant].text();
}

ExpressionCompiler::Known ExpressionCompiler::literal(const SyntaxNode& node) {
  switch (node.kind) {
    case NodeKind::boolean: return constant(Type::boolean, Value::boolean(node.number != 0));
    case NodeKind::integer: return constant(Type::integer, Value::integer(node.number));
    case NodeKind::uint:
      return constant(Type::uint, Value::uint(static_cast<std::uint64_t>(node.number)));
    case NodeKind::floating: return constant(Type::floating, Value::floating(node.floating));
    case NodeKind::string: return constant(Type::string, Value::string(keep(node.text)));
    default: return constant(Type::null, Value());
  }
}

ExpressionCompiler::Known ExpressionCompiler::identifier(const SyntaxNode& node) {
  Known map{.type = Type::map};
  if (node.text == "vars" || node.text == "tags") {
    map.map = node.text == "vars" ? kVariablesMap : kTagsMap;
    return map;
  }
  const auto enrichment = std::ranges::find(program_->enrichments, node.text);
  if (enrichment != program_->enrichments.end()) {
    map.map = static_cast<std::uint16_t>(kFirstEnrichmentMap +
                                         (enrichment - program_->enrichments.begin()));
    return map;
  }
  if (node.text == "varbinds") return emit(Type::varbinds, Step::varbinds);
  for (const FieldRule& rule : kFields) {
    if (rule.name == node.text) {
      Known known = emit(rule.type, Step::field, static_cast<std::size_t>(rule.field));
      known.is_field = true;
      known.field = rule.field;
      known.path = rule.name;
      return known;
    }
    const std::string_view space = rule.name.substr(0, rule.name.find('.'));
    if (space == node.text) return {.type = Type::space, .space = space};
  }
  const auto names = first_names(vocabulary_);
  return broken(node.offset, "no field `" + node.text + "`", nearest_hint(node.text, names));
}

ExpressionCompiler::Known ExpressionCompiler::select(const SyntaxNode& node) {
  const Known& from = operand(node, 0);
  switch (from.type) {
    case Type::broken: return {};
    case Type::space: return select_field(node, from.space);
    case Type::varbind: return select_varbind_field(node);
    case Type::row: return select_column(node, *from.table, node.text);
    case Type::map: return select_in_map(node, from.map, node.text);
    default:
      return broken(node.offset, "nothing can be selected from " + std::string(name_of(from.type)));
  }
}

ExpressionCompiler::Known ExpressionCompiler::select_field(const SyntaxNode& node,
                                                           std::string_view space) {
  const std::string path = std::string(space) + "." + node.text;
  const auto rule = std::ranges::find(kFields, path, &FieldRule::name);
  if (rule == kFields.end()) {
    const auto members = members_of(space);
    std::string hint = nearest_hint(node.text, members);
    if (hint.empty()) hint = std::string(space) + " has: " + listed(members);
    return broken(node.offset, "no field `" + path + "`", std::move(hint));
  }
  Known known = emit(rule->type, Step::field, static_cast<std::size_t>(rule->field));
  known.is_field = true;
  known.field = rule->field;
  known.path = rule->name;
  return known;
}

ExpressionCompiler::Known ExpressionCompiler::select_varbind_field(const SyntaxNode& node) {
  const auto rule = std::ranges::find(kVarbindFields, node.text, &VarbindFieldRule::name);
  if (rule != kVarbindFields.end())
    return emit(rule->type, Step::varbind_field, static_cast<std::size_t>(rule->field));
  return broken(node.offset, "a varbind has no `" + node.text + "`",
                "it has: oid, name, index, type, value, text");
}

ExpressionCompiler::Known ExpressionCompiler::select_column(const SyntaxNode& node,
                                                            const Table& table,
                                                            const std::string& column) {
  if (const auto number = table.column(column)) return emit(Type::dynamic, Step::column, *number);
  std::vector<std::string_view> names(table.columns().begin(), table.columns().end());
  std::string hint = nearest_hint(column, names);
  if (hint.empty()) hint = "it has: " + listed(names);
  return broken(node.offset,
                "the table `" + std::string(table.name()) + "` has no column `" + column + "`",
                std::move(hint));
}

ExpressionCompiler::Known ExpressionCompiler::select_enriched(const SyntaxNode& node,
                                                              const EnrichmentNames& enrichment,
                                                              const std::string& name) {
  const std::string path = enrichment.name + "." + name;
  const std::vector<std::string>& members = enrichment.members;
  if (!members.empty() && std::ranges::find(members, name) == members.end()) {
    const std::vector<std::string_view> known(members.begin(), members.end());
    std::string hint = nearest_hint(name, known);
    if (hint.empty()) hint = enrichment.name + " has: " + listed(known);
    return broken(node.offset, "no field `" + path + "`", std::move(hint));
  }
  const std::uint16_t missing = add_constant(Value::absent(keep("no " + path)));
  add_constant(Value::string(keep(enrichment.name)));  // right behind
  return emit(Type::dynamic, Step::enrichment, add_constant(Value::string(keep(name))), missing);
}

ExpressionCompiler::Known ExpressionCompiler::select_in_map(const SyntaxNode& node,
                                                            std::uint16_t map,
                                                            const std::string& name) {
  if (name.empty()) return broken(node.offset, "an empty name names nothing");
  Known known;
  if (map == kTagsMap) {
    const std::uint16_t missing = add_constant(Value::absent(keep("no tags." + name)));
    return emit(Type::dynamic, Step::tag, add_constant(Value::string(keep(name))), missing);
  }
  if (map != kVariablesMap) {
    return select_enriched(node, vocabulary_.enrichments[map - kFirstEnrichmentMap], name);
  }
  Variable variable{keep(name), {}, {}};
  variable.missing = keep("no vars." + name);
  const std::string_view path = variable.missing.substr(3);
  for (const protocol::mib::Node* const found : vocabulary_.mibs.find_all(name)) {
    if (found->kind != protocol::mib::NodeKind::node)
      variable.targets.push_back({protocol::Oid(found->oid), found});
  }
  if (variable.targets.empty()) {
    if (auto oid = vocabulary_.mibs.parse(name)) {
      const auto resolved = vocabulary_.mibs.resolve(*oid);
      const bool named = resolved && resolved->node->kind != protocol::mib::NodeKind::node;
      variable.targets.push_back({std::move(*oid), named ? resolved->node : nullptr});
    }
  }
  program_->variables.push_back(std::move(variable));
  known = emit(Type::dynamic, Step::variable, program_->variables.size() - 1);
  known.path = path;
  return known;
}

ExpressionCompiler::Known ExpressionCompiler::index(const SyntaxNode& node) {
  const Known& from = operand(node, 0);
  const Known& by = operand(node, 1);
  if (from.type == Type::broken || by.type == Type::broken) return {};
  if (!check_value(nodes_[node.operands[1]], by)) return {};
  const bool named = by.constant != kNone && by.type == Type::string;
  if (named && (from.type == Type::row || from.type == Type::map)) {
    const std::string name(literal_text(by));
    take_back(by.begin);
    return from.type == Type::row ? select_column(node, *from.table, name)
                                  : select_in_map(node, from.map, name);
  }
  if (from.type == Type::row)
    return broken(node.offset, "the name of a column is a literal", "lookup(\"t\", key).column");
  if (from.type == Type::varbinds || from.type == Type::list || from.type == Type::dynamic) {
    if (from.type == Type::dynamic) {
      return broken(node.offset, "values of the event have no parts",
                    "an instance is named in full: vars[\"ifDescr.7\"]");
    }
    if (!is_open(by.type) && !is_number(by.type))
      return broken(node.offset, "an index is a number, not " + std::string(name_of(by.type)));
    return emit(from.type == Type::varbinds ? Type::varbind : Type::dynamic, Step::index);
  }
  if (from.type == Type::map) {
    if (!is_open(by.type) && !is_text(by.type))
      return broken(node.offset, "a name is a string, not " + std::string(name_of(by.type)));
    return emit(Type::dynamic, Step::index, from.map, 1);
  }
  return broken(node.offset, std::string(name_of(from.type)) + " has no parts");
}

ExpressionCompiler::Known ExpressionCompiler::list(const SyntaxNode& node) {
  bool literals = true;
  for (std::size_t i = 0; i < node.operands.size(); ++i) {
    const Known& item = operand(node, i);
    if (!check_value(nodes_[node.operands[i]], item)) return {};
    if (item.type == Type::list) return broken(node.offset, "a list cannot hold a list");
    literals = literals && item.constant != kNone;
  }
  if (!literals) return emit(Type::list, Step::list, node.operands.size());
  std::vector<Value>& items = program_->lists.emplace_back();
  for (std::size_t i = 0; i < node.operands.size(); ++i) {
    items.push_back(program_->constants[operand(node, i).constant]);
  }
  if (!node.operands.empty()) take_back(operand(node, 0).begin);
  Known known = constant(Type::list, Value::list(items));
  return known;
}

bool ExpressionCompiler::check_value(const SyntaxNode& node, const Known& operand) {
  switch (operand.type) {
    case Type::broken: return false;
    case Type::space:
      broken(node.offset, "`" + node.text + "` alone is no value",
             "it has: " + listed(members_of(operand.space)));
      return false;
    case Type::map:
      broken(node.offset, "`" + node.text + "` alone is no value", "name one of its members");
      return false;
    case Type::row:
      broken(node.offset, "a row is no value", "name a column: lookup(\"t\", key).column");
      return false;
    case Type::varbind:
    case Type::varbinds:
      broken(node.offset, "a varbind is no value", "name a member: varbinds[0].value");
      return false;
    case Type::prefix:
      broken(node.offset, "a cidr is no value", "write cidr(\"10.0.0.0/8\").contains(agent.ip)");
      return false;
    default: return true;
  }
}

}  // namespace trapline::rules
