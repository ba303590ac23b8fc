// Building blocks of the configuration's JSON Schema (2020-12).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace trapline::gateway::schema {

using Json = nlohmann::ordered_json;

// A text; plain YAML values that look like numbers or booleans are texts too.
[[nodiscard]] Json text(std::string_view description);
// A text of a pattern (ECMA 262).
[[nodiscard]] Json pattern(std::string_view description, std::string_view expression);
// A whole number of a range.
[[nodiscard]] Json integer(std::string_view description, std::uint64_t lowest,
                           std::uint64_t highest);
[[nodiscard]] Json boolean(std::string_view description);
// One of some names.
[[nodiscard]] Json choice(std::string_view description,
                          std::initializer_list<std::string_view> names);
// A list of `items`.
[[nodiscard]] Json list(std::string_view description, Json items, std::size_t least = 0);
// One text or a list of them.
[[nodiscard]] Json text_or_list(std::string_view description);
// A map of exactly these keys, some of them required.
[[nodiscard]] Json map(std::string_view description,
                       std::initializer_list<std::pair<std::string_view, Json>> keys,
                       std::initializer_list<std::string_view> required = {});
// A map of keys that are the user's names.
[[nodiscard]] Json named(std::string_view description, std::string_view name_pattern, Json values);

}  // namespace trapline::gateway::schema
