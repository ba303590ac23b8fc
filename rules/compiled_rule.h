// One rule, compiled.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/expression.h"
#include "rules/template.h"

namespace trapline::rules {

// Lets maps with keys of std::string be asked for a std::string_view.
struct TextHash {
  using is_transparent = void;
  // As for any hash.
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};

// dedup, limit, threshold or absent: how many, in what time, for each what. `count` is 0 where it
// does not apply.
struct Window {
  std::uint32_t count = 0;
  std::chrono::nanoseconds span{0};
  std::vector<Expression> by;
};

// What a device is asked, compiled. Immutable after construction.
struct CompiledEnrichment {
  std::string name;
  std::vector<std::pair<std::string, Template>> get;  // member, OID of the instance
  std::chrono::seconds keep{0};
};

// Immutable after construction. What is not there does not apply.
struct CompiledRule {
  std::string name;
  std::optional<Expression> when;
  std::vector<std::uint32_t> enrich;          // numbers of enrichments
  std::optional<Severity> severity;           // when it is a name
  std::optional<Template> severity_template;  // when it is computed
  std::optional<Template> summary;
  std::optional<Template> key;
  std::vector<std::pair<std::string, Template>> tags;
  std::optional<State> state;
  std::chrono::nanoseconds hold{0};
  std::optional<Window> dedup;
  std::optional<Window> limit;
  std::optional<Window> threshold;
  std::optional<Window> absent;
  bool drop = false;
  bool stop = false;
  // Of the name and of everything that gives the rule's state its meaning: rules that are alike in
  // this share it.
  std::uint64_t state_hash = 0;

  // A regex without which `when` does not hold.
  [[nodiscard]] std::optional<RegexSets::Member> guard() const {
    return when ? when->guard() : std::nullopt;
  }
  // Whether `set` and `state` are those of an event that the rule makes, not of the one it sees.
  [[nodiscard]] bool speaks_for_synthetic() const { return threshold || absent; }
};

// The severity of a name; nothing when it is none.
[[nodiscard]] std::optional<Severity> severity_of(std::string_view name);

}  // namespace trapline::rules
