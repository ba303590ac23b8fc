#include "rules/expression_lexer.h"

#include <array>
#include <charconv>

#include "rules/expression.h"
#include "rules/string_literal.h"

namespace trapline::rules {
namespace {

bool is_digit(char octet) { return octet >= '0' && octet <= '9'; }
bool is_letter(char octet) {
  const char lower = static_cast<char>(octet | 0x20);
  return (lower >= 'a' && lower <= 'z') || octet == '_';
}

constexpr std::array<std::string_view, 6> kDoubleSymbols = {"==", "!=", "<=", ">=", "&&", "||"};
constexpr std::string_view kSymbols = "<>!+-*/%?:.,()[]";

// What people who know other languages write, and what it is called here.
std::string hint_for(std::string_view rest) {
  if (rest.starts_with("=~")) return "write x.matches(\"...\")";
  if (rest.starts_with('=')) return "write `==` to compare";
  if (rest.starts_with('&')) return "write `&&`";
  if (rest.starts_with('|')) return "write `||`; a filter can stand in a template only";
  if (rest.starts_with('{')) return "only templates have `{{`, and lists have `[`";
  if (rest.starts_with('$')) return "fields have no `$`: vars.ifIndex";
  return {};
}

class Lexer {
 public:
  Lexer(std::string_view text, ExpressionProblems& problems) : text_(text), problems_(problems) {}

  std::vector<Token> all() {
    while (!problems_.any()) {
      skip_blanks();
      tokens_.push_back({});
      tokens_.back().offset = at_;
      if (at_ == text_.size()) return std::move(tokens_);
      next(tokens_.back());
      tokens_.back().text = text_.substr(tokens_.back().offset, at_ - tokens_.back().offset);
    }
    return {};
  }

 private:
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void skip_blanks() {
    constexpr std::string_view kBlanks = " \t\r\n\f";
    for (;;) {
      while (at_ < text_.size() && kBlanks.find(text_[at_]) != std::string_view::npos) ++at_;
      if (peek() != '/' || peek(1) != '/') return;
      while (at_ < text_.size() && text_[at_] != '\n') ++at_;
    }
  }

  void next(Token& token) {
    const bool raw = (peek() | 0x20) == 'r' && (peek(1) == '"' || peek(1) == '\'');
    if (raw || peek() == '"' || peek() == '\'') return string(token);
    if (is_digit(peek()) || (peek() == '.' && is_digit(peek(1)))) return number(token);
    if (is_letter(peek())) {
      token.kind = Token::Kind::identifier;
      while (is_letter(peek()) || is_digit(peek())) ++at_;
      return;
    }
    symbol(token);
  }

  void string(Token& token) {
    token.kind = Token::Kind::string;
    StringLiteral literal = read_string_literal(text_, at_);
    if (literal.error != nullptr) return problems_.add(literal.end, literal.error);
    token.string = std::move(literal.value);
    at_ = literal.end;
  }

  void number(Token& token) {
    const bool hex = peek() == '0' && (peek(1) | 0x20) == 'x';
    std::size_t end = at_ + (hex ? 2 : 0);
    const auto is_part = [&](char octet) {
      return is_digit(octet) || (hex && is_letter(octet) && (octet | 0x20) <= 'f');
    };
    const auto skip_digits = [&] {
      while (end < text_.size() && is_part(text_[end])) ++end;
    };
    skip_digits();
    const auto at = [&](std::size_t place) { return place < text_.size() ? text_[place] : '\0'; };
    if (!hex && at(end) == '.' && is_digit(at(end + 1))) {
      ++end;
      skip_digits();
      token.kind = Token::Kind::floating;
    }
    if (!hex && (at(end) | 0x20) == 'e') {
      const bool has_sign = at(end + 1) == '-' || at(end + 1) == '+';
      end += has_sign ? 2 : 1;
      skip_digits();
      token.kind = Token::Kind::floating;
    }
    read_number(token, hex, end);
  }

  void read_number(Token& token, bool hex, std::size_t end) {
    const char* const first = text_.data() + at_ + (hex ? 2 : 0);
    const char* const last = text_.data() + end;
    std::from_chars_result read{};
    if (token.kind == Token::Kind::floating) {
      read = std::from_chars(first, last, token.floating);
    } else {
      token.kind = Token::Kind::integer;
      read = std::from_chars(first, last, token.number, hex ? 16 : 10);
    }
    if (read.ec == std::errc::result_out_of_range)
      return problems_.add(at_, "this number is too big");
    if (read.ec != std::errc{} || read.ptr != last) return problems_.add(at_, "not a number");
    at_ = end;
    if (token.kind == Token::Kind::integer && (peek() | 0x20) == 'u') {
      token.kind = Token::Kind::uint;
      ++at_;
    }
    if (is_letter(peek()) || is_digit(peek()) || (peek() == '.' && is_digit(peek(1)))) {
      problems_.add(token.offset, "not a number", "an address stands in quotes, and so does text");
    }
  }

  void symbol(Token& token) {
    token.kind = Token::Kind::symbol;
    const std::string_view rest = text_.substr(at_);
    for (const std::string_view known : kDoubleSymbols) {
      if (!rest.starts_with(known)) continue;
      at_ += known.size();
      return;
    }
    if (kSymbols.find(rest.front()) != std::string_view::npos) {
      ++at_;
      return;
    }
    const bool printable = rest.front() > ' ' && rest.front() < '\x7f';
    problems_.add(at_,
                  printable ? "`" + std::string(rest.substr(0, 1)) + "` means nothing here"
                            : "this character means nothing here",
                  hint_for(rest));
  }

  std::string_view text_;
  ExpressionProblems& problems_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokens_of(std::string_view text, ExpressionProblems& problems) {
  if (text.size() > kMaxExpressionBytes) {
    problems.add(
        0, "this expression is longer than " + std::to_string(kMaxExpressionBytes) + " octets");
    return {};
  }
  return Lexer(text, problems).all();
}

}  // namespace trapline::rules
