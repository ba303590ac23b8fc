// Rules driven as the daemon drives them, on a clock of its own: for tests and explanations.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "protocol/decode.h"
#include "rules/evaluation.h"
#include "rules/rule_engine.h"

namespace trapline::gateway {

// Records go in by their payload; timers fire when they are due, as the router makes them. One
// thread.
class RuleRun {
 public:
  // Told of each decision, in order; what it views is valid during the call.
  using Taker =
      std::function<void(const rules::RoutedTrap& event, std::span<const std::string_view> sinks)>;

  // Begins with an empty state at `start`.
  RuleRun(std::shared_ptr<const rules::RuleSet> rules, base::RuleTime start, Taker taker);

  // Lets time pass, and what comes due in it happen at its time.
  void pass(std::chrono::nanoseconds time);
  // An EVENT's payload comes now. False when it is none. With `trace`, tells of every rule.
  // Devices answer as `answers` say, at once; without them they do not answer.
  bool take(base::Bytes payload, const rules::EnrichmentAnswers& answers,
            std::vector<rules::RuleTrace>* trace = nullptr);
  bool take(base::Bytes payload, std::vector<rules::RuleTrace>* trace = nullptr);
  // A device falls silent now, or is heard again (see rules::Event::made_by).
  void take_change(const base::IpAddress& device, rules::Synthetic change);
  // What is raised now, in order of key.
  [[nodiscard]] std::vector<rules::Problem> problems() const { return engine_.problems(); }

 private:
  class PayloadCodec final : public rules::EventCodec {
   public:
    bool decode(base::Bytes encoded, protocol::TrapMessage& message) override;

   private:
    protocol::DecodeScratch scratch_;
  };

  void decide(const rules::Event& event, const rules::EnrichmentAnswers& answers,
              std::vector<rules::RuleTrace>* trace);
  std::string next_id();
  void hand_over(std::string_view id, const protocol::TrapMessage* message);

  const Taker taker_;
  PayloadCodec codec_;
  PayloadCodec kept_;  // of what has been decided: the engine's own must not be disturbed
  rules::RuleEngine engine_;
  rules::Evaluation evaluation_;
  base::RuleTime now_;
  std::uint64_t records_ = 0;
};

}  // namespace trapline::gateway
