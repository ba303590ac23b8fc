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
#include "sinks/syslog_stream.h"

namespace trapline::sinks {

// Driven by a LaneWorker with one lane and a window of kSyslogWindow, which bounds it. What
// delivered means, SyslogStream says. When the destination fails, everything that was not delivered
// comes again, in order. `tick` goes by its own clock: it may connect, which takes its time.
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

  // Octets in memory.
  [[nodiscard]] std::size_t gathered_bytes() const { return stream_.gathered_bytes(); }

 private:
  struct Pending {
    Sequence sequence;
    std::uint64_t end;  // in the stream
  };

  const SyslogSinkOptions& options_;
  const base::Clock& clock_;
  const protocol::mib::MibIndex& mibs_;
  EventJsonCache* const cache_;
  SyslogStream stream_;
  std::deque<Pending> pending_;  // not answered
  std::string message_;
  bool failed_ = true;  // until `open`
};

}  // namespace trapline::sinks
