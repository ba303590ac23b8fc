// The operators and conversions of expressions, over values known only at run time.
//
// All pure; results view the operands and the scratch. What CEL has no overload for is an error.
#pragma once

#include <optional>
#include <string_view>

#include "protocol/mib/mib_index.h"
#include "rules/evaluation_scratch.h"
#include "rules/expression_program.h"
#include "rules/value.h"

namespace trapline::rules {

inline constexpr std::string_view kNoOverload = "no such overload";

// The text of a string, label, OID, address or time; nothing for other kinds.
[[nodiscard]] std::optional<std::string_view> text_of(const Value& value,
                                                      EvaluationScratch& scratch);
// The address that an address or a text is.
[[nodiscard]] std::optional<base::IpAddress> address_of(const Value& value);

// Whether two values are equal: numbers by what they count, labels by label or number, text kinds
// by their text; values of kinds that have nothing in common are not. Neither is an error.
[[nodiscard]] bool are_equal(const Value& a, const Value& b);
// `<`, `<=`, `>` or `>=`.
[[nodiscard]] Value compare(Step step, const Value& a, const Value& b, EvaluationScratch& scratch);
// `+`, `-`, `*`, `/` or `%`; `+` joins texts and lists, too.
[[nodiscard]] Value calculate(Step step, const Value& a, const Value& b,
                              EvaluationScratch& scratch);
// Unary minus.
[[nodiscard]] Value negate(const Value& value);
// size(): characters of a text, items of a list.
[[nodiscard]] Value size_of(const Value& value, EvaluationScratch& scratch);
// int(), uint(), double(), string(), cidr() or oid().
[[nodiscard]] Value convert(Step step, const Value& value, const protocol::mib::MibIndex& mibs,
                            EvaluationScratch& scratch);

}  // namespace trapline::rules
