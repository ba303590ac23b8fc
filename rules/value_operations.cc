#include "rules/value_operations.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "rules/expression.h"

namespace trapline::rules {
namespace {

using Kind = Value::Kind;

constexpr std::string_view kOverflow = "the number is too big";
constexpr std::string_view kByZero = "division by zero";

bool is_plain_text(const Value& value) {
  return value.kind() == Kind::string || value.kind() == Kind::enumerated;
}

// Signed and unsigned alike: the compiler knows when a result does not fit.
template <class Number>
Value calculate_whole(Step step, Number a, Number b, Value (*make)(Number)) {
  Number result = 0;
  switch (step) {
    case Step::add:
      return __builtin_add_overflow(a, b, &result) ? Value::error(kOverflow) : make(result);
    case Step::subtract:
      return __builtin_sub_overflow(a, b, &result) ? Value::error(kOverflow) : make(result);
    case Step::multiply:
      return __builtin_mul_overflow(a, b, &result) ? Value::error(kOverflow) : make(result);
    default: break;
  }
  if (b == 0) return Value::error(kByZero);
  if constexpr (std::numeric_limits<Number>::is_signed) {
    if (a == std::numeric_limits<Number>::min() && b == -1) return Value::error(kOverflow);
  }
  return make(step == Step::divide ? a / b : a % b);
}

Value calculate_double(Step step, double a, double b) {
  switch (step) {
    case Step::add: return Value::floating(a + b);
    case Step::subtract: return Value::floating(a - b);
    case Step::multiply: return Value::floating(a * b);
    case Step::divide: return Value::floating(a / b);
    default: return Value::error(kNoOverload);
  }
}

Value join(std::string_view a, std::string_view b, EvaluationScratch& scratch) {
  if (a.size() + b.size() > kMaxProducedBytes) return Value::error("this text is too long");
  if (a.empty() && b.empty()) return Value::string("");
  char* const room = scratch.allocate(a.size() + b.size());
  std::copy(a.begin(), a.end(), room);
  std::copy(b.begin(), b.end(), room + a.size());
  return Value::string({room, a.size() + b.size()});
}

Value join(std::span<const Value> a, std::span<const Value> b, EvaluationScratch& scratch) {
  constexpr std::size_t kMostItems = 4'096;
  const std::size_t count = a.size() + b.size();
  if (count > kMostItems) return Value::error("this list is too long");
  auto* const room = reinterpret_cast<Value*>(scratch.allocate(count * sizeof(Value)));
  std::uninitialized_copy(b.begin(), b.end(), std::uninitialized_copy(a.begin(), a.end(), room));
  return Value::list({room, count});
}

template <class Number>
std::optional<Number> read_whole(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Value to_integer(const Value& value) {
  switch (value.kind()) {
    case Kind::integer: return value;
    case Kind::enumerated: return Value::integer(value.as_integer());
    case Kind::uint:
      return value.as_integer() < 0 ? Value::error(kOverflow) : Value::integer(value.as_integer());
    case Kind::floating: {
      constexpr double kTwoTo63 = 9'223'372'036'854'775'808.0;
      const double number = value.as_double();
      if (!(number > -kTwoTo63 && number < kTwoTo63)) return Value::error(kOverflow);
      return Value::integer(static_cast<std::int64_t>(number));
    }
    case Kind::time: {
      constexpr std::int64_t kPerSecond = 1'000'000'000;
      return Value::integer(value.as_time().since_epoch_ns / kPerSecond);
    }
    case Kind::string:
      if (const auto number = read_whole<std::int64_t>(value.text()))
        return Value::integer(*number);
      return Value::error("the text is no int");
    default: return Value::error(kNoOverload);
  }
}

Value to_uint(const Value& value) {
  switch (value.kind()) {
    case Kind::uint: return value;
    case Kind::integer:
    case Kind::enumerated:
      return value.as_integer() < 0 ? Value::error(kOverflow) : Value::uint(value.as_uint());
    case Kind::floating: {
      constexpr double kTwoTo64 = 18'446'744'073'709'551'616.0;
      const double number = value.as_double();
      if (!(number > -1 && number < kTwoTo64)) return Value::error(kOverflow);
      return Value::uint(static_cast<std::uint64_t>(number));
    }
    case Kind::string:
      if (const auto number = read_whole<std::uint64_t>(value.text())) return Value::uint(*number);
      return Value::error("the text is no uint");
    default: return Value::error(kNoOverload);
  }
}

Value to_double(const Value& value) {
  switch (value.kind()) {
    case Kind::floating: return value;
    case Kind::integer:
    case Kind::enumerated: return Value::floating(static_cast<double>(value.as_integer()));
    case Kind::uint: return Value::floating(static_cast<double>(value.as_uint()));
    case Kind::string: {
      double number = 0;
      const std::string_view text = value.text();
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error == std::errc{} && end == text.data() + text.size()) return Value::floating(number);
      return Value::error("the text is no double");
    }
    default: return Value::error(kNoOverload);
  }
}

Value to_string(const Value& value, EvaluationScratch& scratch) {
  if (const auto text = text_of(value, scratch)) return Value::string(*text);
  const bool has_text = value.kind() == Kind::boolean || value.kind() == Kind::integer ||
                        value.kind() == Kind::uint || value.kind() == Kind::floating;
  std::string& text = scratch.text();
  if (!has_text || !value.append_to(text)) return Value::error(kNoOverload);
  return Value::string(scratch.keep(text));
}

Value to_prefix(const Value& value, EvaluationScratch& scratch) {
  if (value.kind() == Kind::prefix) return value;
  const auto text = text_of(value, scratch);
  if (!text) return Value::error(kNoOverload);
  const auto prefix = base::IpPrefix::parse(*text);
  return prefix ? Value::prefix(scratch.keep_object(*prefix)) : Value::error("no such prefix");
}

Value to_oid(const Value& value, const protocol::mib::MibIndex& mibs, EvaluationScratch& scratch) {
  if (value.kind() == Kind::oid) return value;
  if (!is_plain_text(value)) return Value::error(kNoOverload);
  const auto oid = mibs.parse(value.text());
  if (!oid) return Value::error("no such OID");
  return Value::oid(
      protocol::OidView(base::as_bytes(scratch.keep(base::as_text(oid->view().content())))));
}

}  // namespace

std::optional<std::string_view> text_of(const Value& value, EvaluationScratch& scratch) {
  switch (value.kind()) {
    case Kind::string:
    case Kind::enumerated: return value.text();
    case Kind::oid:
    case Kind::address:
    case Kind::time: {
      std::string& text = scratch.text();
      if (!value.append_to(text)) return std::nullopt;
      return scratch.keep(text);
    }
    default: return std::nullopt;
  }
}

std::optional<base::IpAddress> address_of(const Value& value) {
  if (value.kind() == Kind::address) return value.as_address();
  if (value.kind() == Kind::string) return base::IpAddress::parse(value.text());
  return std::nullopt;
}

Value calculate(Step step, const Value& a, const Value& b, EvaluationScratch& scratch) {
  const bool both_whole = (a.kind() == Kind::integer || a.kind() == Kind::enumerated) &&
                          (b.kind() == Kind::integer || b.kind() == Kind::enumerated) &&
                          (a.kind() == Kind::integer || b.kind() == Kind::integer);
  if (both_whole)
    return calculate_whole<std::int64_t>(step, a.as_integer(), b.as_integer(), Value::integer);
  if (a.kind() == Kind::uint && b.kind() == Kind::uint)
    return calculate_whole<std::uint64_t>(step, a.as_uint(), b.as_uint(), Value::uint);
  if (a.kind() == Kind::floating && b.kind() == Kind::floating)
    return calculate_double(step, a.as_double(), b.as_double());
  if (step != Step::add) return Value::error(kNoOverload);
  if (a.kind() == Kind::list && b.kind() == Kind::list) return join(a.items(), b.items(), scratch);
  const auto first = text_of(a, scratch);
  const auto second = text_of(b, scratch);
  if (!first || !second) return Value::error(kNoOverload);
  return join(*first, *second, scratch);
}

Value negate(const Value& value) {
  switch (value.kind()) {
    case Kind::floating: return Value::floating(-value.as_double());
    case Kind::integer:
    case Kind::enumerated:
      if (value.as_integer() == std::numeric_limits<std::int64_t>::min())
        return Value::error(kOverflow);
      return Value::integer(-value.as_integer());
    default: return Value::error(kNoOverload);
  }
}

Value size_of(const Value& value, EvaluationScratch& scratch) {
  if (value.kind() == Kind::list)
    return Value::integer(static_cast<std::int64_t>(value.items().size()));
  const auto text = text_of(value, scratch);
  if (!text) return Value::error(kNoOverload);
  return Value::integer(std::count_if(text->begin(), text->end(), [](char octet) {
    return (static_cast<unsigned char>(octet) & 0xc0U) != 0x80U;
  }));
}

Value convert(Step step, const Value& value, const protocol::mib::MibIndex& mibs,
              EvaluationScratch& scratch) {
  switch (step) {
    case Step::to_integer: return to_integer(value);
    case Step::to_uint: return to_uint(value);
    case Step::to_double: return to_double(value);
    case Step::to_string: return to_string(value, scratch);
    case Step::to_prefix: return to_prefix(value, scratch);
    default: return to_oid(value, mibs, scratch);
  }
}

}  // namespace trapline::rules
