// The regular expressions of conditions: one by one, and as sets that cost little more than one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/evaluation_scratch.h"

namespace trapline::rules {

inline constexpr std::size_t kMaxRegexBytes = 1'024;
inline constexpr std::int64_t kMaxRegexMemoryBytes = 1L << 20;
inline constexpr std::int64_t kMaxRegexSetMemoryBytes = 64L << 20;
// What a set knows of its event stays in the scratch; beyond so many, regexes are asked singly.
inline constexpr std::size_t kMaxRegexSets = 256;

// One regular expression (RE2's syntax, unanchored, time linear in the text). Immutable; any thread
// may ask.
class Regex {
 public:
  // Null, with the reason in `error`, when it is not one or exceeds the limits.
  [[nodiscard]] static std::shared_ptr<const Regex> compile(std::string_view pattern,
                                                            std::string& error);
  virtual ~Regex() = default;
  // Whether it occurs anywhere in `text`.
  [[nodiscard]] virtual bool occurs_in(std::string_view text) const = 0;
};

// The regexes of all conditions, one set for each field they are about. A set reads the text once
// for all its regexes, the first time one of them is asked about an event.
//
// Filled by one thread while expressions are compiled, then frozen; from then on immutable, and any
// thread may ask with a scratch of its own.
class RegexSets {
 public:
  RegexSets();
  ~RegexSets();

  // Which regex of which set. Plain value.
  struct Member {
    std::uint32_t set = 0;
    std::uint32_t number = 0;
  };
  // Adds a regex about `field`, which is any text that names one. Nothing when there are too many
  // sets, or when frozen.
  [[nodiscard]] std::optional<Member> add(std::string_view field, std::string_view pattern);
  // Compiles the sets. Those that are too small to gain, or too big for their memory, are not used.
  void freeze();
  // Whether the member's regex occurs in `text`, the field's text. Nothing when the set is not used
  // (not frozen, or out of memory): the regex is then to be asked alone.
  [[nodiscard]] std::optional<bool> ask(Member member, std::string_view text,
                                        EvaluationScratch& scratch) const;
  // The numbers of a set's regexes that occur in what was last asked about this event, ascending.
  // Nothing when it was not asked, or is not used. Valid until the next `ask`.
  [[nodiscard]] std::optional<std::span<const std::uint32_t>> known(
      std::uint32_t set, EvaluationScratch& scratch) const;

 private:
  struct Set;
  const std::uint64_t identity_;  // of all RegexSets of the process
  std::vector<std::unique_ptr<Set>> sets_;
  bool frozen_ = false;
};

}  // namespace trapline::rules
