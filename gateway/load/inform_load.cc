#include "gateway/load/inform_load.h"

#include <algorithm>
#include <limits>

#include "gateway/load/inform_window.h"
#include "gateway/load/pacer.h"
#include "gateway/load/send_batch.h"

namespace trapline::gateway::load {
namespace {

// The state of one run.
class InformLoad {
 public:
  InformLoad(const LoadOptions& options, MessageSource& messages, LoadSockets& sockets,
             const base::Clock& clock, const OnAcknowledged& on_acknowledged)
      : options_(options),
        messages_(messages),
        sockets_(sockets),
        clock_(clock),
        on_acknowledged_(on_acknowledged),
        most_(options.count.value_or(std::numeric_limits<std::uint32_t>::max())),
        start_(clock.boot()),
        end_(options.duration ? start_ + *options.duration : base::BootTime::max()),
        pacer_(options.per_sec.value_or(1), start_),
        window_(options.window, options.timeout),
        batch_(messages, sockets) {}

  void run(const std::atomic<bool>& stop) {
    base::BootTime now = start_;
    while (true) {
      const bool sending = sent_ < most_ && now < end_ && !stop.load(std::memory_order_relaxed);
      if (sending) send_due(now);
      send_overdue(now);
      if (!sending && window_.empty()) break;
      batch_.flush();
      sockets_.wait_readable(clock_.boot(), next_event(sending));
      now = clock_.boot();
      sockets_.receive([&](unsigned, base::Bytes datagram) { take(datagram, now); });
    }
  }

  [[nodiscard]] LoadResult result() {
    result_.sent = sent_;
    result_.refused = batch_.refused();
    result_.message_bytes = batch_.message_bytes();
    result_.sending = last_sent_ - start_;
    result_.whole = clock_.boot() - start_;
    return result_;
  }

 private:
  void send_due(base::BootTime now) {
    const std::uint64_t due = options_.per_sec ? pacer_.due_by(now) : most_;
    while (sent_ < std::min(due, most_) && may_send()) {
      const base::BootTime began = held_back_ ? pacer_.due_at(sent_) : now;
      const auto source = static_cast<std::uint16_t>(sent_ % sockets_.count());
      batch_.add(window_.open(source, static_cast<std::uint32_t>(sent_), began, now));
      ++sent_;
      last_sent_ = now;
    }
    held_back_ = options_.per_sec && sent_ < std::min(due, most_);
  }

  void send_overdue(base::BootTime now) {
    for (auto oldest = window_.oldest(); oldest && oldest->deadline <= now;
         oldest = window_.oldest()) {
      const Identity& identity = oldest->identity;
      if (oldest->attempts > options_.retries) {
        window_.close(identity.request_id);
        ++result_.unanswered;
        continue;
      }
      window_.attempt_again(identity.request_id, now);
      batch_.add(identity);
      ++result_.retransmitted;
    }
  }

  [[nodiscard]] bool may_send() const {
    return !window_.full() && (messages_.ready() || window_.empty());
  }

  // When to look again, if no answer comes before.
  [[nodiscard]] base::BootTime next_event(bool sending) const {
    base::BootTime next = sending ? end_ : base::BootTime::max();
    if (const auto oldest = window_.oldest()) next = std::min(next, oldest->deadline);
    if (sending && options_.per_sec && may_send()) {
      next = std::min(next, pacer_.due_at(sent_));
    }
    return next;
  }

  // Counts as an attempt, so that a confused receiver is not asked for ever.
  void send_again(std::int32_t request_id, base::BootTime now) {
    const auto outstanding = window_.find(request_id);
    if (!outstanding || outstanding->attempts > options_.retries) {
      ++result_.stray;
      return;
    }
    window_.attempt_again(request_id, now);
    batch_.add(outstanding->identity);
    ++result_.retransmitted;
  }

  void take(base::Bytes datagram, base::BootTime now) {
    const auto answer = messages_.read(datagram);
    if (answer && !answer->acknowledged) {
      send_again(answer->request_id, now);
      return;
    }
    const auto answered = answer ? window_.close(answer->request_id) : std::nullopt;
    if (!answered) {
      ++result_.stray;
      return;
    }
    ++result_.acknowledged;
    result_.latency.add(now - answered->began);
    if (on_acknowledged_) on_acknowledged_(answered->identity.sequence);
  }

  const LoadOptions& options_;
  MessageSource& messages_;
  LoadSockets& sockets_;
  const base::Clock& clock_;
  const OnAcknowledged& on_acknowledged_;
  const std::uint64_t most_;
  const base::BootTime start_;
  const base::BootTime end_;
  const Pacer pacer_;
  InformWindow window_;
  SendBatch batch_;
  std::uint64_t sent_ = 0;
  base::BootTime last_sent_ = start_;
  bool held_back_ = false;  // what is due waits for a place in the window
  LoadResult result_;
};

}  // namespace

LoadResult send_informs(const LoadOptions& options, MessageSource& messages, LoadSockets& sockets,
                        const base::Clock& clock, const std::atomic<bool>& stop,
                        const OnAcknowledged& on_acknowledged) {
  InformLoad load(options, messages, sockets, clock, on_acknowledged);
  load.run(stop);
  return load.result();
}

}  // namespace trapline::gateway::load
