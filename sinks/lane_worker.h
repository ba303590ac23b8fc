// LaneWorker: the worker of a sink whose destination answers each event for itself, like a webhook.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sinks/dead_letters.h"
#include "sinks/lane_window.h"
#include "sinks/rate_limit.h"
#include "sinks/sink_worker.h"

namespace trapline::sinks {

// What a LaneWorker is told beside SinkWorkerOptions, whose `window_events` is how many events are
// at the sink at most (below `reach`).
struct LaneOptions {
  unsigned lanes = 1;         // at most kMaxLanes
  std::uint32_t per_sec = 0;  // events handed over; 0: as fast as they are taken
  std::uint32_t burst = 0;
  // An event older than this is a dead letter once it was tried in vain, or would have been.
  std::chrono::seconds max_age{86'400};
  // So many events are settled or at the sink beyond the first that is not settled. A cursor on
  // record names no more than kMaxAnsweredBeyond of them: after a crash the others come again.
  std::uint32_t reach = kMaxAnsweredBeyond;
};

// Hands events over in the order of their lanes (an agent's events are of one lane), and again what
// a lane has to repeat, by going back to the low-water mark and passing over what is settled or at
// the sink. So it keeps no event, only what became of each, from the first that is not settled: of
// 8,192 (or twice its reach) at most.
//
// Rejected events, and those too old, go to the dead letters and count as settled once they are
// safe there. Threads: as SinkWorker says.
class LaneWorker final : public SinkWorker {
 public:
  // Everything referred to must outlive the worker. Opens nothing yet.
  LaneWorker(const SinkWorkerOptions& options, const LaneOptions& lanes, Sink& sink,
             OutcomeSource& source, DeadLetters& dead_letters, const base::Clock& clock,
             base::Random& random);

 private:
  struct Lane {
    explicit Lane(base::Random& random) : retry_policy(random) {}

    RetryPolicy retry_policy;
    bool blocked = false;  // until `until` has come and the events are read from the first again
    base::BootTime until{};
  };
  enum class Read : std::uint8_t { went_on, ended, stopped };

  void delivered_through(Sequence last) override;
  void delivered(Sequence event) override;
  void rejected(Sequence event, std::string_view reason) override;
  void retry_lane(Sequence event, std::chrono::milliseconds at_least,
                  std::string_view reason) override;

  bool hand_over_batch(base::BootTime now) override;
  void after_tick() override;
  void forget_in_hand() override;
  [[nodiscard]] bool full() const override;
  [[nodiscard]] std::uint64_t in_hand() const override { return window_.unsettled(); }
  [[nodiscard]] std::uint64_t position_lsn() const override { return furthest_lsn_; }
  [[nodiscard]] base::BootTime next_hand_over() const override;
  [[nodiscard]] bool partly_waiting() const override;
  void settle_rest() override;
  void update_cursor() override;

  void unblock_lanes(base::BootTime now);
  void go_back();
  Read read_one(base::BootTime now);
  Read meet_gap(std::uint64_t before);
  Read judge(LaneEntry& entry, base::BootTime now);
  Read hand_over(LaneEntry& entry, base::BootTime now);
  [[nodiscard]] bool too_old(const LaneEntry& entry) const;
  void advance();
  [[nodiscard]] std::size_t most_entries() const;
  [[nodiscard]] bool at_reach() const;
  [[nodiscard]] bool beyond_reach(const LaneEntry& entry) const;
  void add_letter(const LaneEntry& entry, std::string_view reason);
  void commit_letters();
  void settled(std::uint64_t lsn);

  const LaneOptions lane_options_;
  const std::string too_old_reason_;
  DeadLetters& dead_letters_;
  std::vector<Lane> lanes_;
  RateLimit rate_limit_;
  LaneWindow window_;
  std::vector<std::uint64_t> letters_;  // LSNs of dead letters that are not safe yet
  Sequence last_sequence_ = 0;
  std::uint64_t furthest_lsn_ = 0;
  bool go_back_wanted_ = false;
  bool held_ = false;      // stopped for what is not settled: goes back once something is
  bool settling_ = false;  // hands nothing over any more
  std::optional<base::BootTime> token_at_;  // when the rate allows the next event, if it is awaited
};

}  // namespace trapline::sinks
