// Where a worker puts the events that its destination will never take.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "rules/routed_trap.h"

namespace trapline::sinks {

// The dead letters of one sink. Used by its worker's thread.
class DeadLetters {
 public:
  virtual ~DeadLetters() = default;
  // Takes the event that the worker's source has just handed out, with what the destination said
  // and how often it was tried. It is not safe before `commit`.
  virtual void add(const rules::RoutedTrap& event, std::string_view reason,
                   std::uint32_t attempts) = 0;
  // Puts everything added since the last `commit` on stable storage. False, with the reason, when
  // that can't be done now: nothing added is kept then.
  virtual bool commit(std::string& problem) = 0;
};

}  // namespace trapline::sinks
