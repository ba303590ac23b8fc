// The housekeeper: seals full segments, makes the next one ready, deletes what nobody needs.
#pragma once

#include <cstdint>
#include <stop_token>

#include "base/clock.h"
#include "gateway/journal/core.h"

namespace trapline::gateway::journal {

// One thread. Deletion takes two steps: a CHECKPOINT says which segment is the first one wanted,
// and once that is durable the older ones are unlinked.
class Housekeeper {
 public:
  // `begun` is the journal's rule time now.
  Housekeeper(Core& core, RuleTime begun);

  // See Journal::housekeeping_step and Journal::run_housekeeper.
  [[nodiscard]] base::BootTime step();
  void run(const std::stop_token& stop);

 private:
  void seal_waiting();
  void unlink_unwanted();
  void decide();
  [[nodiscard]] bool prepare(base::BootTime now, base::BootTime& again);
  void warn_of_pins(std::uint64_t pinned_bytes);

  Core& core_;
  const base::BootTime begun_boot_;
  const RuleTime begun_rule_;
  base::BootTime prepare_after_{};
  bool warned_of_pins_ = false;
};

}  // namespace trapline::gateway::journal
