// Reading expressions, templates and names: texts that keep their places.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "gateway/config/field_reader.h"
#include "rules/source_text.h"

namespace trapline::gateway {

// The text of a node as it was written: no reference is resolved in it.
[[nodiscard]] rules::SourceText source_of(const ConfigNode& node);

// The text under `key`; nothing when absent, wrong or blank (the latter two noted).
[[nodiscard]] std::optional<rules::SourceText> read_source(FieldReader& reader,
                                                           std::string_view key,
                                                           ConfigProblems& problems);

// One text or a list of `most` at most; empty when absent or wrong (noted). An empty list is wrong.
[[nodiscard]] std::vector<rules::SourceText> read_sources(FieldReader& reader, std::string_view key,
                                                          std::size_t most,
                                                          ConfigProblems& problems);

// A condition under `key`. Says how to quote it when YAML has left nothing of it.
[[nodiscard]] std::optional<rules::SourceText> read_condition(FieldReader& reader,
                                                              std::string_view key,
                                                              ConfigProblems& problems);

// Whether `text` is 1 to kMaxRuleNameBytes of the characters A-Z a-z 0-9 _ - and those of `also`.
inline constexpr std::size_t kMaxRuleNameBytes = 64;
[[nodiscard]] bool is_rule_name(std::string_view text, std::string_view also = ".");

}  // namespace trapline::gateway
