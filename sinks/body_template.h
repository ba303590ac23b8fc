// BodyTemplate: a body as the configuration's author has written it.
#pragma once

#include <string>

#include "rules/routed_trap.h"

namespace trapline::sinks {

// Implemented where templates are known. One thread.
class BodyTemplate {
 public:
  virtual ~BodyTemplate() = default;
  // Replaces `body` by JSON made of the event. False when that cannot be done: `why` says so, in
  // words for a dead letter.
  [[nodiscard]] virtual bool render(const rules::RoutedTrap& event, std::string& body,
                                    std::string& why) = 0;
};

}  // namespace trapline::sinks
