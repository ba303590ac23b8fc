// Types an expression and turns it into a Program.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/expression.h"
#include "rules/expression_fields.h"
#include "rules/expression_program.h"
#include "rules/expression_syntax.h"

namespace trapline::rules {

// What a type is called in messages: "int", "string", ...
[[nodiscard]] std::string_view name_of(Type type);
// A string, or what reads as one.
[[nodiscard]] constexpr bool is_text(Type type) {
  return type == Type::string || type == Type::oid || type == Type::address || type == Type::time;
}
[[nodiscard]] constexpr bool is_number(Type type) {
  return type == Type::integer || type == Type::uint || type == Type::floating;
}
// Whether nothing can be said of it now.
[[nodiscard]] constexpr bool is_open(Type type) {
  return type == Type::dynamic || type == Type::broken;
}

// Goes through the nodes once, in the order in which they are evaluated: each appends its steps
// and learns its type. Used for one expression.
class ExpressionCompiler {
 public:
  ExpressionCompiler(std::string_view text, const Vocabulary& vocabulary,
                     ExpressionProblems& problems)
      : text_(text), vocabulary_(vocabulary), problems_(problems) {}

  // Null when there were problems.
  [[nodiscard]] std::shared_ptr<const Program> compile(Expression::Wanted wanted);

 private:
  // What is known of a node.
  struct Known {
    Type type = Type::broken;
    std::uint16_t constant = kNone;  // where its value stands when it is a literal
    std::size_t begin = 0;           // the first of its steps
    std::string_view space = {};     // of Type::space: "trap"
    const Table* table = nullptr;    // of Type::row
    std::uint16_t map = 0;           // of Type::map: which
    Field field = Field::time;       // with is_field
    bool is_field = false;
    std::string_view path = {};  // "vars.ifIndex", for sets of regexes
    std::size_t end = 0;         // where its steps end
    // Without this regex it is never true.
    std::optional<RegexSets::Member> guard = {};
  };
  static constexpr std::uint16_t kNone = 0xffff;

  void compile_node(std::size_t at);
  Known literal(const SyntaxNode& node);
  Known identifier(const SyntaxNode& node);
  Known select(const SyntaxNode& node);
  Known select_field(const SyntaxNode& node, std::string_view space);
  Known select_varbind_field(const SyntaxNode& node);
  Known select_column(const SyntaxNode& node, const Table& table, const std::string& column);
  Known select_enriched(const SyntaxNode& node, const EnrichmentNames& enrichment,
                        const std::string& name);
  Known select_in_map(const SyntaxNode& node, std::uint16_t map, const std::string& name);
  Known index(const SyntaxNode& node);
  Known list(const SyntaxNode& node);
  Known unary(const SyntaxNode& node);
  Known binary(const SyntaxNode& node);
  Known logical(const SyntaxNode& node);
  Known comparison(const SyntaxNode& node, Step step, bool ordered);
  Known arithmetic(const SyntaxNode& node, Step step);
  Known membership(const SyntaxNode& node);
  Known jump(const SyntaxNode& node);
  Known conditional(const SyntaxNode& node);

  Known call(const SyntaxNode& node);
  Known has(const SyntaxNode& node);
  Known conversion(const SyntaxNode& node, Step step, Type result);
  Known size(const SyntaxNode& node);
  Known prefix(const SyntaxNode& node);
  Known oid(const SyntaxNode& node);
  Known lookup(const SyntaxNode& node);
  Known method(const SyntaxNode& node);
  Known matches(const SyntaxNode& node);
  void check_word(const SyntaxNode& node, const Known& field, const Known& literal);
  void settle_literal(const SyntaxNode& node, const Known& typed, const Known& literal);
  bool check_count(const SyntaxNode& node, std::size_t wanted);
  bool check_text(const SyntaxNode& node, const Known& operand);
  bool check_value(const SyntaxNode& node, const Known& operand);

  [[nodiscard]] const Known& operand(const SyntaxNode& node, std::size_t number) const {
    return known_[node.operands[number]];
  }
  [[nodiscard]] std::size_t offset_of(const SyntaxNode& node, std::size_t number) const {
    return nodes_[node.operands[number]].offset;
  }
  // Appends a step; the type is what it leaves.
  Known emit(Type type, Step step, std::size_t a = 0, std::size_t b = 0);
  Known constant(Type type, Value value);
  std::uint16_t add_constant(Value value);
  std::string_view keep(std::string text);
  // Takes back the steps of the last operands, which were literals, or selected nothing.
  void take_back(std::size_t to) { program_->code.resize(to); }
  Known broken(std::size_t offset, std::string message, std::string hint = {});
  [[nodiscard]] std::string_view literal_text(const Known& known) const;

  std::string_view text_;
  const Vocabulary& vocabulary_;
  ExpressionProblems& problems_;
  std::shared_ptr<Program> program_ = std::make_shared<Program>();
  std::vector<SyntaxNode> nodes_;
  std::vector<Known> known_;
};

}  // namespace trapline::rules
