// RoutedTrap: a TrapMessage plus what was decided about it. All that sinks see of rules.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

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

// What was decided. Plain value that owns nothing: it views the journal record that holds the
// decision. An empty `key` reads as agent.ip/trap.oid, an empty `summary` as the notification's
// name and agent.
struct Verdict {
  Severity severity = Severity::info;
  State state = State::event;
  std::string_view key;
  std::string_view summary;
  std::span<const Tag> tags;
  std::span<const std::string_view> rules;  // names of those that matched, in order
};

// One event on its way to the sinks. Plain value; views its source's memory, for as long as the
// source says.
struct RoutedTrap {
  std::string_view id;  // <node>-<epoch>-<LSN>, the same in every replay
  protocol::TrapMessage message;
  Verdict verdict;
};

}  // namespace trapline::rules
