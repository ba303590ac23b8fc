// OrderedWorker: the worker of a sink that answers for everything up to an event, like a file.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sinks/delivery_window.h"
#include "sinks/sink_worker.h"

namespace trapline::sinks {

// Hands events over in order and takes answers in order; keeps eight octets per event that is not
// answered. After a restart it goes on behind the last event that the destination is known to hold.
// Nothing is given up: an event is delivered, or retention takes it away and it counts as skipped.
//
// Threads: as SinkWorker says.
class OrderedWorker final : public SinkWorker {
 public:
  // Everything referred to must outlive the worker. Opens nothing yet.
  OrderedWorker(const SinkWorkerOptions& options, Sink& sink, OutcomeSource& source,
                const base::Clock& clock, base::Random& random);

 private:
  // Events that retention took away behind one that is not answered yet. They count as skipped once
  // it is; going back forgets them, for they will be reported again.
  struct PendingGap {
    Sequence behind;
    std::uint64_t events;
    std::uint64_t end_lsn;
  };

  void delivered_through(Sequence last) override;
  // A sink that says one of these can't be driven in order: everything comes again.
  void delivered(Sequence /*event*/) override { retry({}, kNotInOrder); }
  void rejected(Sequence /*event*/, std::string_view reason) override { retry({}, reason); }
  void retry_lane(Sequence /*event*/, std::chrono::milliseconds at_least,
                  std::string_view reason) override {
    retry(at_least, reason);
  }

  void resume() override;
  bool hand_over_batch(base::BootTime now) override;
  void after_tick() override;
  void forget_in_hand() override;
  [[nodiscard]] bool full() const override { return window_.full(); }
  [[nodiscard]] std::uint64_t in_hand() const override;
  [[nodiscard]] std::uint64_t position_lsn() const override { return source_.position_lsn(); }
  void update_cursor() override;
  void meet_gap();
  void credit_gap();

  static constexpr std::string_view kNotInOrder = "an answer for one event of an ordered sink";

  DeliveryWindow window_;
  std::optional<PendingGap> gap_;
  std::uint64_t since_present_ = 0;  // events taken since the source had no more
};

}  // namespace trapline::sinks
