// Equality and order of values (CEL: "Equality", "Numeric Values").

#include <algorithm>
#include <array>
#include <cmath>
#include <compare>
#include <utility>

#include "protocol/oid.h"
#include "rules/value_operations.h"

namespace trapline::rules {
namespace {

using Kind = Value::Kind;

constexpr double kTwoTo63 = 9'223'372'036'854'775'808.0;
constexpr double kTwoTo64 = 2 * kTwoTo63;

bool is_number(Kind kind) {
  return kind == Kind::integer || kind == Kind::uint || kind == Kind::floating ||
         kind == Kind::enumerated;
}

bool is_text(Kind kind) {
  return kind == Kind::string || kind == Kind::enumerated || kind == Kind::oid ||
         kind == Kind::address || kind == Kind::time;
}

std::partial_ordering reversed(std::partial_ordering order) { return 0 <=> order; }

// Exactly, not by way of a double: a double between two integers is between them.
std::partial_ordering compare_with_double(std::int64_t number, double other) {
  if (std::isnan(other)) return std::partial_ordering::unordered;
  if (other >= kTwoTo63) return std::partial_ordering::less;
  if (other < -kTwoTo63) return std::partial_ordering::greater;
  const double whole = std::floor(other);
  const auto order = number <=> static_cast<std::int64_t>(whole);
  if (order != 0) return order;
  return whole == other ? std::partial_ordering::equivalent : std::partial_ordering::less;
}

std::partial_ordering compare_with_double(std::uint64_t number, double other) {
  if (std::isnan(other)) return std::partial_ordering::unordered;
  if (other >= kTwoTo64) return std::partial_ordering::less;
  if (other < 0) return std::partial_ordering::greater;
  const double whole = std::floor(other);
  const auto order = number <=> static_cast<std::uint64_t>(whole);
  if (order != 0) return order;
  return whole == other ? std::partial_ordering::equivalent : std::partial_ordering::less;
}

std::partial_ordering compare_numbers(const Value& a, const Value& b) {
  if (a.kind() == Kind::floating && b.kind() == Kind::floating)
    return a.as_double() <=> b.as_double();
  if (b.kind() == Kind::floating) {
    return a.kind() == Kind::uint ? compare_with_double(a.as_uint(), b.as_double())
                                  : compare_with_double(a.as_integer(), b.as_double());
  }
  if (a.kind() == Kind::floating) return reversed(compare_numbers(b, a));
  if ((a.kind() == Kind::uint) == (b.kind() == Kind::uint)) {
    if (a.kind() == Kind::uint) return a.as_uint() <=> b.as_uint();
    return a.as_integer() <=> b.as_integer();
  }
  if (a.kind() != Kind::uint) return reversed(compare_numbers(b, a));
  if (b.as_integer() < 0) return std::partial_ordering::greater;
  return a.as_uint() <=> static_cast<std::uint64_t>(b.as_integer());
}

// "1.3.6" and nothing else that reads as the same OID: what the OID's own text is.
bool is_dotted(std::string_view text, protocol::OidView oid) {
  if (text.empty() || text.front() < '0' || text.front() > '2') return false;
  const auto parsed = protocol::Oid::parse(text);
  return parsed && parsed->view() == oid;
}

bool texts_are_equal(const Value& a, const Value& b) {
  if (a.kind() == Kind::oid && b.kind() == Kind::oid) return a.as_oid() == b.as_oid();
  if (a.kind() == Kind::address && b.kind() == Kind::address)
    return a.as_address() == b.as_address();
  if (a.kind() == Kind::time && b.kind() == Kind::time) return a.as_time() == b.as_time();
  const bool a_is_plain = a.kind() == Kind::string || a.kind() == Kind::enumerated;
  const bool b_is_plain = b.kind() == Kind::string || b.kind() == Kind::enumerated;
  if (a_is_plain && b_is_plain) return a.text() == b.text();
  if (a_is_plain) return texts_are_equal(b, a);
  if (!b_is_plain) return false;
  if (a.kind() == Kind::oid) return is_dotted(b.text(), a.as_oid());
  if (a.kind() == Kind::address) {
    std::array<char, 46> room;
    return a.as_address().format(room) == b.text();
  }
  std::string text;
  return a.append_to(text) && text == b.text();
}

// Of two values that are not lists.
bool items_are_equal(const Value& a, const Value& b) {
  if (is_number(a.kind()) && is_number(b.kind())) return compare_numbers(a, b) == 0;
  if (is_text(a.kind()) && is_text(b.kind())) return texts_are_equal(a, b);
  if (a.kind() != b.kind()) return false;
  return a.kind() == Kind::null || (a.kind() == Kind::boolean && a.is_true() == b.is_true());
}

}  // namespace

bool are_equal(const Value& a, const Value& b) {
  if (a.kind() != Kind::list || b.kind() != Kind::list) return items_are_equal(a, b);
  return std::equal(a.items().begin(), a.items().end(), b.items().begin(), b.items().end(),
                    items_are_equal);
}

Value compare(Step step, const Value& a, const Value& b, EvaluationScratch& scratch) {
  auto order = std::partial_ordering::unordered;
  if (is_number(a.kind()) && is_number(b.kind())) {
    order = compare_numbers(a, b);
  } else if (is_text(a.kind()) && is_text(b.kind())) {
    if (a.kind() == Kind::time && b.kind() == Kind::time) {
      order = a.as_time() <=> b.as_time();
    } else {
      order = *text_of(a, scratch) <=> *text_of(b, scratch);
    }
  } else if (a.kind() == Kind::boolean && b.kind() == Kind::boolean) {
    order = a.as_integer() <=> b.as_integer();
  } else {
    return Value::error(kNoOverload);
  }
  switch (step) {
    case Step::less: return Value::boolean(order < 0);
    case Step::less_equal: return Value::boolean(order <= 0);
    case Step::greater: return Value::boolean(order > 0);
    default: return Value::boolean(order >= 0);
  }
}

}  // namespace trapline::rules
