// The syslog sink: events as RFC 5424 messages over UDP, TCP or TLS.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "base/clock.h"
#include "protocol/mib/mib_index.h"
#include "sinks/event_json_cache.h"
#include "sinks/sink.h"
#include "sinks/syslog_options.h"

namespace trapline::sinks {

// Driven by a LaneWorker with one lane; bounded by its window. Syslog knows no acknowledgement:
// over UDP, delivered is what was given to the network; over TCP and TLS, what the other host's TCP
// has acknowledged, whether or not a receiver has read it. TCP frames by counting octets (RFC 6587
// §3.4.1), as TLS does (RFC 5425 §4.3).
//
// When the connection ends, or nothing is acknowledged for `timeout`, everything that is not
// acknowledged comes again, in order.
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

  [[nodiscard]] bool send(base::BootTime now, Answers& answers);
  [[nodiscard]] std::size_t piece() const;
  void drop_sent();
  void answer(base::BootTime now, Answers& answers);
  void fail(const std::string& reason, Answers& answers);

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
  base::BootTime progress_at_{};  // when something was sent or acknowledged last
  base::BootTime look_at_{};      // when to look again
  bool failed_ = true;            // until `open`
};

}  // namespace trapline::sinks
