// The grammar of CEL without messages, maps and macros other than has().

#include <array>
#include <limits>
#include <optional>

#include "rules/expression.h"
#include "rules/expression_lexer.h"
#include "rules/expression_syntax.h"

namespace trapline::rules {
namespace {

using Index = std::uint16_t;

struct Operator {
  std::string_view text;
  int binding;
};
constexpr std::array<Operator, 14> kOperators = {{{"||", 1},
                                                  {"&&", 2},
                                                  {"==", 3},
                                                  {"!=", 3},
                                                  {"<", 3},
                                                  {"<=", 3},
                                                  {">", 3},
                                                  {">=", 3},
                                                  {"in", 3},
                                                  {"+", 4},
                                                  {"-", 4},
                                                  {"*", 5},
                                                  {"/", 5},
                                                  {"%", 5}}};

// Words of other languages and of SQL.
std::string hint_for(const Token& token) {
  if (token.text == "and" || token.text == "AND") return "write `&&`";
  if (token.text == "or" || token.text == "OR") return "write `||`";
  if (token.text == "not" || token.text == "NOT") return "write `!`";
  if (token.text == "is") return "write `==`";
  if (token.text == "like") return "write x.matches(\"...\")";
  return {};
}

// Each function leaves the node it made last, or has complained. Nesting is counted: what calls
// itself does so at most kMaxExpressionDepth times.
class Parser {
 public:
  Parser(std::vector<Token> tokens, ExpressionProblems& problems)
      : tokens_(std::move(tokens)), problems_(problems) {}

  std::vector<SyntaxNode> whole() {
    expression();
    if (!failed_ && peek().kind != Token::Kind::end) unexpected("the end or an operator");
    if (failed_) return {};
    return std::move(nodes_);
  }

 private:
  [[nodiscard]] const Token& peek() const { return tokens_[at_]; }
  [[nodiscard]] bool at_symbol(std::string_view symbol) const {
    return peek().kind == Token::Kind::symbol && peek().text == symbol;
  }
  bool take(std::string_view symbol) {
    if (!at_symbol(symbol)) return false;
    ++at_;
    return true;
  }
  void expect(std::string_view symbol) {
    if (!failed_ && !take(symbol)) unexpected("`" + std::string(symbol) + "`");
  }
  void fail(std::size_t offset, std::string message, std::string hint = {}) {
    if (!failed_) problems_.add(offset, std::move(message), std::move(hint));
    failed_ = true;
  }
  void unexpected(const std::string& wanted) {
    const Token& token = peek();
    const std::string found = token.kind == Token::Kind::end
                                  ? "the expression ends"
                                  : "`" + std::string(token.text) + "` stands";
    fail(token.offset, found + " where " + wanted + " is expected", hint_for(token));
  }
  Index add(SyntaxNode node) {
    if (nodes_.size() == kMaxExpressionNodes) {
      fail(node.offset,
           "this expression has more than " + std::to_string(kMaxExpressionNodes) + " parts");
      return 0;
    }
    nodes_.push_back(std::move(node));
    return static_cast<Index>(nodes_.size() - 1);
  }

  Index expression() {
    if (++depth_ > kMaxExpressionDepth) {
      fail(peek().offset,
           "this expression is nested deeper than " + std::to_string(kMaxExpressionDepth));
      return 0;
    }
    Index node = binary(1);
    if (const std::size_t offset = peek().offset; !failed_ && take("?")) {
      const Index choose = add({NodeKind::choose, offset, {}, 0, 0, {node}});
      const Index first = expression();
      expect(":");
      const Index join = add({NodeKind::join, offset, {}, 0, 0, {first}});
      const Index second = expression();
      node = add({NodeKind::conditional, offset, {}, 0, 0, {node, first, second, choose, join}});
    }
    --depth_;
    return node;
  }

  [[nodiscard]] const Operator* next_operator() const {
    const Token& token = peek();
    if (token.kind != Token::Kind::symbol && token.text != "in") return nullptr;
    if (token.kind == Token::Kind::string) return nullptr;
    for (const Operator& known : kOperators) {
      if (known.text == token.text) return &known;
    }
    return nullptr;
  }

  // Operators that bind at least so tightly; each calls this for those that bind tighter still.
  Index binary(int binding) {
    Index left = unary();
    for (const Operator* found = next_operator(); !failed_ && found != nullptr;
         found = next_operator()) {
      if (found->binding < binding) break;
      const std::size_t offset = tokens_[at_++].offset;
      std::vector<Index> operands = {left};
      if (found->text == "&&" || found->text == "||") {
        operands.push_back(add({NodeKind::skip, offset, std::string(found->text), 0, 0, {left}}));
      }
      operands.insert(operands.begin() + 1, binary(found->binding + 1));
      left = add({NodeKind::binary, offset, std::string(found->text), 0, 0, operands});
    }
    return left;
  }

  Index unary() {
    const std::size_t first = at_;
    while (at_symbol("!") || at_symbol("-")) ++at_;
    std::size_t last = at_;
    const bool number = peek().kind == Token::Kind::integer || peek().kind == Token::Kind::floating;
    const bool negative = last != first && number && tokens_[last - 1].text == "-";
    if (negative) --last;
    Index node = negative ? negative_number() : Index{0};
    node = negative ? members(node) : members(primary());
    while (!failed_ && last != first) {
      const Token& token = tokens_[--last];
      node = add({NodeKind::negate, token.offset, std::string(token.text), 0, 0, {node}});
    }
    return node;
  }

  // A minus that belongs to the number: the lowest integer has no positive counterpart.
  Index negative_number() {
    const Token& token = tokens_[at_++];
    if (token.kind == Token::Kind::floating)
      return add({NodeKind::floating, token.offset, {}, 0, -token.floating, {}});
    constexpr std::uint64_t kLowest = 1ULL << 63;
    if (token.number > kLowest) fail(token.offset, "this number is too small for an int");
    return add({NodeKind::integer, token.offset, {}, static_cast<std::int64_t>(-token.number)});
  }

  Index members(Index node) {
    while (!failed_) {
      if (const std::size_t offset = peek().offset; take("[")) {
        const Index inner = expression();
        expect("]");
        node = add({NodeKind::index, offset, {}, 0, 0, {node, inner}});
      } else if (take(".")) {
        node = member(node);
      } else {
        break;
      }
    }
    return node;
  }

  Index member(Index node) {
    const Token token = peek();
    if (token.kind != Token::Kind::identifier) {
      unexpected("a name");
      return 0;
    }
    ++at_;
    if (!take("("))
      return add({NodeKind::select, token.offset, std::string(token.text), 0, 0, {node}});
    std::vector<Index> operands = {node};
    items(")", operands);
    return add({NodeKind::method, token.offset, std::string(token.text), 0, 0, operands});
  }

  void items(std::string_view close, std::vector<Index>& operands) {
    if (take(close)) return;
    do {
      if (close == "]" && at_symbol(close)) break;  // a list may end with a comma
      operands.push_back(expression());
    } while (!failed_ && take(","));
    expect(close);
  }

  Index primary() {
    const Token token = peek();
    if (take("(")) {
      const Index inner = expression();
      expect(")");
      return inner;
    }
    if (take("[")) {
      std::vector<Index> operands;
      items("]", operands);
      return add({NodeKind::list, token.offset, {}, 0, 0, operands});
    }
    if (token.kind == Token::Kind::end || token.kind == Token::Kind::symbol) {
      unexpected("a value");
      return 0;
    }
    ++at_;
    return token.kind == Token::Kind::identifier ? word(token) : literal(token);
  }

  Index word(const Token& token) {
    if (token.text == "null") return add({NodeKind::null, token.offset});
    if (token.text == "true" || token.text == "false")
      return add({NodeKind::boolean, token.offset, {}, token.text == "true"});
    if (token.text == "in" || !hint_for(token).empty()) {
      --at_;
      unexpected("a value");
      return 0;
    }
    if (!take("(")) return add({NodeKind::identifier, token.offset, std::string(token.text)});
    std::vector<Index> operands;
    items(")", operands);
    return add({NodeKind::call, token.offset, std::string(token.text), 0, 0, operands});
  }

  Index literal(const Token& token) {
    const auto number = static_cast<std::int64_t>(token.number);
    switch (token.kind) {
      case Token::Kind::integer:
        if (number < 0) fail(token.offset, "this number is too big for an int", "write 1u");
        return add({NodeKind::integer, token.offset, {}, number});
      case Token::Kind::uint: return add({NodeKind::uint, token.offset, {}, number});
      case Token::Kind::floating:
        return add({NodeKind::floating, token.offset, {}, 0, token.floating});
      default: return add({NodeKind::string, token.offset, token.string});
    }
  }

  std::vector<Token> tokens_;
  ExpressionProblems& problems_;
  std::size_t at_ = 0;
  int depth_ = 0;
  bool failed_ = false;
  std::vector<SyntaxNode> nodes_;
};

}  // namespace

std::vector<SyntaxNode> parse_expression(std::string_view text, ExpressionProblems& problems) {
  std::vector<Token> tokens = tokens_of(text, problems);
  if (tokens.empty()) return {};
  if (tokens.size() == 1) {
    problems.add(0, "this expression is empty");
    return {};
  }
  return Parser(std::move(tokens), problems).whole();
}

}  // namespace trapline::rules
