// RoutedTrap: a TrapMessage plus what was decided about it. All that sinks see of rules.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/trap_message.h"

namespace trapline::rules {

// Journaled: numbers never change meaning.
enum class Severity : std::uint8_t { critical, major, minor, warning, info, cleared };
enum class State : std::uint8_t { event, raise, clear };

// The name configuration and events use.
[[nodiscard]] constexpr std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::critical: return "critical";
    case Severity::major: return "major";
    case Severity::minor: return "minor";
    case Severity::warning: return "warning";
    case Severity::info: return "info";
    case Severity::cleared: return "cleared";
  }
  return "info";
}

// The name configuration and events use.
[[nodiscard]] constexpr std::string_view name_of(State state) {
  switch (state) {
    case State::event: return "event";
    case State::raise: return "raise";
    case State::clear: return "clear";
  }
  return "event";
}

// One name=value of a verdict. Views what the verdict views.
struct Tag {
  std::string_view name;
  std::string_view value;
};

// What made a synthetic event. Journaled: numbers never change meaning.
enum class Synthetic : std::uint8_t {
  none,
  hold,
  dedup,
  limit,
  threshold,
  absent,
  device_unreachable,  // a device does not answer any more what rules ask it
  device_reachable,    // it does again
};
inline constexpr Synthetic kLastSynthetic = Synthetic::device_reachable;

// What an event went through at the hands of the rules. Journaled as bits: numbers never change
// meaning.
enum class VerdictFlag : std::uint8_t {
  held,        // a raise that waits for its hold: a synthetic raise follows unless it is cleared
  rule_error,  // an action of a rule failed (a template, a conversion): the rest was done
  suppressed,  // by dedup or limit: goes nowhere, is counted in a summary
  dropped,     // by a rule with `drop`
  cleared_in_hold,  // a clear that came in time: nothing was raised
  loop,             // a notification we have forwarded has come back: it is not forwarded again
  enrich_timeout,   // a device did not answer in time what a rule asked it
  enrich_failed,    // it answered with an error, or there was nothing to ask or nobody to ask it
  enrich_skipped,   // it was not asked: too much was waiting
};
inline constexpr int kVerdictFlagCount = 9;

// The name events use, e.g. "held".
[[nodiscard]] constexpr std::string_view name_of(VerdictFlag flag) {
  switch (flag) {
    case VerdictFlag::held: return "held";
    case VerdictFlag::rule_error: return "rule_error";
    case VerdictFlag::suppressed: return "suppressed";
    case VerdictFlag::dropped: return "dropped";
    case VerdictFlag::cleared_in_hold: return "cleared_in_hold";
    case VerdictFlag::loop: return "loop";
    case VerdictFlag::enrich_timeout: return "enrich_timeout";
    case VerdictFlag::enrich_failed: return "enrich_failed";
    case VerdictFlag::enrich_skipped: return "enrich_skipped";
  }
  return "";
}

// The name events use, e.g. "threshold".
[[nodiscard]] constexpr std::string_view name_of(Synthetic kind) {
  switch (kind) {
    case Synthetic::none: return "";
    case Synthetic::hold: return "hold";
    case Synthetic::dedup: return "dedup";
    case Synthetic::limit: return "limit";
    case Synthetic::threshold: return "threshold";
    case Synthetic::absent: return "absent";
    case Synthetic::device_unreachable: return "device_unreachable";
    case Synthetic::device_reachable: return "device_reachable";
  }
  return "";
}

// A set of flags. Plain value.
class VerdictFlags {
 public:
  VerdictFlags() = default;
  explicit constexpr VerdictFlags(std::uint32_t bits) : bits_(bits) {}
  // Adds one.
  constexpr void set(VerdictFlag flag) { bits_ |= 1U << static_cast<unsigned>(flag); }
  // Takes one away.
  constexpr void unset(VerdictFlag flag) { bits_ &= ~(1U << static_cast<unsigned>(flag)); }
  // Whether it was added.
  [[nodiscard]] constexpr bool has(VerdictFlag flag) const {
    return (bits_ >> static_cast<unsigned>(flag) & 1U) != 0;
  }
  [[nodiscard]] constexpr std::uint32_t bits() const { return bits_; }

 private:
  std::uint32_t bits_ = 0;
};

// One value that a device answered when a rule asked it. Views what the verdict views.
struct EnrichedValue {
  std::string_view enrichment;
  std::string_view member;
  protocol::VarBind varbind;
};

// What was decided. Plain value that owns nothing: it views the journal record that holds the
// decision. An empty `key` reads as agent.ip/trap.oid, an empty `summary` as the notification's
// name and agent. `labels` are the same for a
// problem's raise, its repeats and its clear: the raise's agent, trap and tags, by these names.
struct Verdict {
  Severity severity = Severity::info;
  State state = State::event;
  std::string_view key;
  std::string_view summary;
  std::span<const Tag> tags;
  std::span<const std::string_view> rules;    // names of those that matched, in order
  std::span<const EnrichedValue> enrichment;  // those of one enrichment in a row
  VerdictFlags flags;
  Synthetic synthetic = Synthetic::none;
  // Of a summary: the number suppressed; of a repeated raise: how often it was raised. 0: neither.
  std::uint64_t count = 0;
  base::RuleTime first_time;  // with `count`: when it began
  // When a synthetic event was made; zero for others.
  base::RuleTime made;
  std::string_view raise_id;                 // of a clear, or a repeated raise: what began it
  std::span<const Tag> labels;               // of a problem that is raised, repeated or cleared
  std::span<const std::string_view> causes;  // ids of the events that led to a synthetic one
};

// One problem that is raised now. Plain value.
struct Problem {
  static constexpr std::size_t kMostSummaryBytes = 256;  // kept; the event has all of it

  std::string key;
  std::string raise_id;
  // As last told to a sink.
  Severity severity = Severity::info;
  std::string summary;
  std::uint64_t count = 0;  // raises, repeats included
  base::RuleTime first;
  base::RuleTime last;
  // The verdict's `labels`, as they were when it was raised, and the sinks told since then.
  std::vector<std::pair<std::string, std::string>> labels = {};
  std::vector<std::string> sinks = {};
};

// One event on its way to the sinks. Plain value; views its source's memory, for as long as the
// source says.
struct RoutedTrap {
  std::string_view id;  // <node>-<epoch>-<LSN>, the same in every replay
  protocol::TrapMessage message;
  Verdict verdict;
};

}  // namespace trapline::rules
