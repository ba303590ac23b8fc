// Walk: all values below a name, in the agent's order (RFC 3416 §4.2.2, §4.2.3).
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "gateway/poller/poller.h"

namespace trapline::gateway {

// What to walk. Plain value.
struct WalkOptions {
  protocol::Oid root;
  std::int32_t max_repetitions = 25;  // halved when the device says tooBig
  // Where an agent that never stops is stopped.
  std::size_t most_values = 10'000'000;
  std::chrono::nanoseconds most_time = std::chrono::hours(1);  // of waiting for answers
};

// How a walk ended; what came before the end has been handed out.
struct WalkEnd {
  GetOutcome outcome = GetOutcome::answered;  // answered: the subtree's end was reached
  std::int32_t error_status = 0;
  std::string reason;  // empty when answered
  std::size_t values = 0;
};

// By GetBulk, or GetNext of SNMPv1. A root that holds nothing is asked for itself, so that an
// instance can be walked like a column; what comes of that may be an exception. Ends as malformed
// when the agent goes backwards or stands still below the root, or takes longer than `most_time`; a
// name outside the subtree ends it well, also one before it: so do agents that begin again at their
// end. Lives as long as its questions do; on the poller's
// thread.
class Walk : public std::enable_shared_from_this<Walk> {
 public:
  using OnValue = std::function<void(PolledVarBind)>;
  using OnEnd = std::function<void(WalkEnd)>;

  // `on_value` for each value in order, then `on_end` once; neither from within `begin`. `poller`
  // outlives it.
  static void begin(Poller& poller, const Device& device, WalkOptions options, OnValue on_value,
                    OnEnd on_end);

 private:
  Walk(Poller& poller, const Device& device, WalkOptions options, OnValue on_value, OnEnd on_end);
  void ask_next();
  void on_answer(GetAnswer answer);
  // True when the walk goes on behind them.
  bool take_values(GetAnswer& answer);
  void on_failure(GetAnswer answer);
  void finish();
  void ask_root();
  void end(GetOutcome outcome, std::string reason);
  void end_backwards(const PolledVarBind& value);

  Poller& poller_;
  const Device device_;
  WalkOptions options_;
  const bool bulk_;
  const OnValue on_value_;
  const OnEnd on_end_;
  protocol::Oid last_;
  WalkEnd end_;
  std::chrono::nanoseconds spent_{0};
};

}  // namespace trapline::gateway
