#include "gateway/load/trap_load.h"

#include <algorithm>
#include <ctime>
#include <limits>

#include "gateway/load/pacer.h"
#include "gateway/load/send_batch.h"

namespace trapline::gateway::load {
namespace {

// SystemClock's boot time is CLOCK_BOOTTIME.
void sleep_until(base::BootTime until) {
  const auto since_boot = until.time_since_epoch();
  const auto secs = std::chrono::floor<std::chrono::seconds>(since_boot);
  const timespec deadline{secs.count(), (since_boot - secs).count()};
  clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &deadline, nullptr);
}

// The state of one run.
class TrapLoad {
 public:
  TrapLoad(const LoadOptions& options, MessageSource& messages, LoadSockets& sockets,
           const base::Clock& clock)
      : options_(options),
        clock_(clock),
        sources_(sockets.count()),
        most_(options.count.value_or(std::numeric_limits<std::uint32_t>::max())),
        start_(clock.boot()),
        end_(options.duration ? start_ + *options.duration : base::BootTime::max()),
        batch_(messages, sockets) {}

  void flat_out(const std::atomic<bool>& stop) {
    std::uint64_t batches = 0;
    while (sent_ < most_ && clock_.boot() < end_ && !stop.load(std::memory_order_relaxed)) {
      const std::uint64_t last = std::min(most_, sent_ + SendBatch::kMessages);
      while (sent_ < last) send_next(static_cast<std::uint16_t>(batches % sources_));
      batch_.flush();
      ++batches;
    }
  }

  void paced(double per_sec, const std::atomic<bool>& stop) {
    const Pacer pacer(per_sec, start_);
    while (sent_ < most_ && !stop.load(std::memory_order_relaxed)) {
      const base::BootTime now = clock_.boot();
      if (now >= end_) break;
      const std::uint64_t due = std::min(most_, pacer.due_by(now));
      while (sent_ < due) send_next(static_cast<std::uint16_t>(sent_ % sources_));
      batch_.flush();
      sleep_until(std::min(std::max(pacer.due_at(sent_), now + options_.burst), end_));
    }
  }

  [[nodiscard]] LoadResult result() const {
    LoadResult result;
    result.sent = sent_;
    result.refused = batch_.refused();
    result.message_bytes = batch_.message_bytes();
    result.sending = clock_.boot() - start_;
    result.whole = result.sending;
    return result;
  }

 private:
  void send_next(std::uint16_t source) {
    batch_.add(trap_identity(static_cast<std::uint32_t>(sent_++), source));
  }

  const LoadOptions& options_;
  const base::Clock& clock_;
  const std::uint64_t sources_;
  const std::uint64_t most_;
  const base::BootTime start_;
  const base::BootTime end_;
  SendBatch batch_;
  std::uint64_t sent_ = 0;
};

}  // namespace

LoadResult send_traps(const LoadOptions& options, MessageSource& messages, LoadSockets& sockets,
                      const base::Clock& clock, const std::atomic<bool>& stop) {
  TrapLoad load(options, messages, sockets, clock);
  if (options.per_sec) {
    load.paced(*options.per_sec, stop);
  } else {
    load.flat_out(stop);
  }
  return load.result();
}

}  // namespace trapline::gateway::load
