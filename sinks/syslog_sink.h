// The syslog sink: events as RFC 5424 messages over UDP, TCP or TLS.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "protocol/mib/mib_index.h"
#include "sinks/event_json_cache.h"
#include "sinks/sink.h"
#include "sinks/syslog_options.h"

namespace trapline::sinks {

// Driven by a LaneWorker with one lane and a window of kSyslogWindow, which bounds it. TCP frames
// by counting octets (RFC 6587 §3.4.1), as TLS does (RFC 5425 §4.3).
//
// Syslog knows no acknowledgement: over UDP, delivered is what was given to the network. Over TCP
// and TLS it is what the receiver's program has read, as far as Standing::finished can tell: every
// `confirm`, every 1 MiB and whenever the window is full, the connection is finished behind a whole
// message, and the next one is made when there is something to send. A receiver that does not read
// to there in time gets half as much on the next one, down to one message. With `confirm` 0 it is
// what the other host's TCP has acknowledged, whether or not anybody has read it.
//
// When the connection breaks or nothing moves for too long, everything that was not delivered comes
// again, in order.
//
// One thread, as sink.h says.
class SyslogSink final : public Sink {
 public:
  // Everything referred to must outlive the sink; `cache` may be null. Touches no network before
  // `open`.
  SyslogSink(const SyslogSinkOptions& options, std::unique_ptr<Sender> sender,
             const base::Clock& clock, const protocol::mib::MibIndex& mibs,
             EventJsonCache* cache = nullptr);

  bool open(std::string& reason) override;
  void take(const rules::RoutedTrap& event, Sequence sequence, Answers& answers) override;
  void tick(base::BootTime now, Answers& answers) override;
  [[nodiscard]] base::BootTime next_tick() const override;
  void drain(base::BootTime deadline, Answers& answers) override;

  // Octets in memory: what was not sent, and at most as much again that was.
  [[nodiscard]] std::size_t gathered_bytes() const { return gathered_.size(); }

 private:
  struct Pending {
    Sequence sequence;
    std::uint64_t end;  // where its octets end, counted since `open`
  };
  static constexpr std::uint64_t kMostQuota = 1U << 20U;

  enum class Connection : std::uint8_t { none, open, finishing };

  [[nodiscard]] bool confirms() const;
  [[nodiscard]] std::uint64_t sent() const { return gathered_at_ + taken_; }
  [[nodiscard]] std::uint64_t gathered() const { return gathered_at_ + gathered_.size(); }
  [[nodiscard]] bool all_sent() const { return taken_ == gathered_.size(); }
  [[nodiscard]] bool connect(Answers& answers);
  void connected(base::BootTime now);
  [[nodiscard]] bool send(base::BootTime now, Answers& answers);
  [[nodiscard]] std::uint64_t limit() const;
  [[nodiscard]] std::size_t piece() const;
  void drop_sent();
  void use(base::BootTime now, Answers& answers);
  void meet_close(base::BootTime now, Answers& answers);
  [[nodiscard]] std::optional<Standing> look(base::BootTime now, Answers& answers);
  [[nodiscard]] bool is_due(base::BootTime now) const;
  void begin_to_finish(base::BootTime now);
  void finish(base::BootTime now, Answers& answers);
  void answer_through(std::uint64_t end, Answers& answers);
  void time_out(const std::string& reason, Answers& answers);
  void fail(const std::string& reason, Answers& answers);
  void fail_with(const std::string& problem, Answers& answers);

  const SyslogSinkOptions& options_;
  const std::unique_ptr<Sender> sender_;
  const base::Clock& clock_;
  const protocol::mib::MibIndex& mibs_;
  EventJsonCache* const cache_;

  std::string gathered_;           // octets of the messages, of which `taken_` are sent
  std::size_t taken_ = 0;          // of `gathered_`
  std::uint64_t gathered_at_ = 0;  // where `gathered_` begins, counted since `open`
  std::deque<Pending> pending_;    // not answered
  std::string message_;
  Connection connection_ = Connection::none;
  std::uint64_t connected_at_ = 0;         // where its octets begin, counted since `open`
  std::optional<std::uint64_t> last_;      // where it is to be finished, once it is due
  std::uint64_t quota_ = kMostQuota;       // octets it carries before it is due
  std::uint64_t acknowledged_ = 0;         // of them
  std::optional<base::BootTime> used_at_;  // when the first of them was sent
  base::BootTime progress_at_{};           // when something was sent or acknowledged last
  base::BootTime look_at_{};               // when to look again
  bool draining_ = false;
  bool failed_ = true;  // until `open`
};

}  // namespace trapline::sinks
