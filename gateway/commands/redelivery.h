// A sink of a configuration, given events by a command as the gateway would give them.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "gateway/commands/offered_outcomes.h"
#include "gateway/configured_sink.h"
#include "gateway/loop_guard.h"
#include "sinks/dead_letters.h"
#include "sinks/posix_files.h"
#include "sinks/sink_worker.h"

namespace trapline::gateway {

// The sink with its worker: lanes, batches, rate and retries are those of the gateway. What the
// destination refuses is counted and told, and goes nowhere else. When nothing has been delivered
// for half a minute although the sink tried, it is given up. One thread.
class Redelivery final : private sinks::DeadLetters {
 public:
  // Makes the sink called `name`. Fails, saying why and what to do, when the configuration has
  // none, when it cannot be opened (SNMPv3 needs the engine of a gateway that runs), or when it is
  // a file that a gateway running on `data_dir` writes: two would write into it.
  [[nodiscard]] static base::Result<std::unique_ptr<Redelivery>, std::string> make(
      const Config& config, const std::string& name, const std::string& data_dir);
  ~Redelivery() override;

  [[nodiscard]] std::string_view name() const { return name_; }
  // Hands an event over, waiting while too many are under way. Passes over what cannot be read.
  void offer(const journal::Outcome& outcome, const journal::RecordView& event,
             std::string_view id);
  // False once it has been given up.
  [[nodiscard]] bool well() const { return failure_.empty(); }
  // Waits until everything is settled, or given up.
  void settle();
  // Settles, and prints what became of the events. False when not all were delivered.
  [[nodiscard]] bool finish();

  // How many were offered, delivered, and refused.
  [[nodiscard]] std::uint64_t offered() const { return source_.offered(); }
  [[nodiscard]] std::uint64_t delivered() const { return worker_->figures().delivered; }
  [[nodiscard]] std::uint64_t refused() const { return worker_->figures().dead_lettered; }
  // Whether the n-th event offered, counted from 1, is known to be delivered.
  [[nodiscard]] bool is_delivered(std::uint64_t number) const;
  // Why it was given up; empty when it was not.
  [[nodiscard]] const std::string& failure() const { return failure_; }
  // What the destination said of the last event that it refused.
  [[nodiscard]] const std::string& refusal() const { return refusal_; }

 private:
  enum class Rest : std::uint8_t { none, as_wanted };

  Redelivery(const ConfiguredSink& config, std::span<const rules::EnrichmentSpec> enrichments);
  void add(const rules::RoutedTrap& event, std::string_view reason,
           std::uint32_t attempts) override;
  bool commit(std::string& problem) override;
  [[nodiscard]] bool open(bool patiently);
  void step(Rest allowed);
  void judge(const sinks::SinkFigures& figures);

  const std::string name_;
  sinks::PosixFiles files_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  base::Log log_;
  LoopGuard guard_;
  OfferedOutcomes source_;
  std::unique_ptr<sinks::Sink> sink_;
  std::unique_ptr<sinks::SinkWorker> worker_;
  std::set<std::uint64_t> refused_;  // by number
  std::string refusal_;
  std::string failure_;
  std::uint64_t most_under_way_ = ~std::uint64_t{0};  // events; a file is told with its next sync
  std::uint64_t settled_ = 0;
  base::BootTime progress_at_;
};

}  // namespace trapline::gateway
