// Syslog messages on their way to a host, over as many connections as it takes to know what the
// receiver has read.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "sinks/syslog_options.h"

namespace trapline::sinks {

// Gathers messages, sends them, and tells how far they are delivered, in octets counted since
// `open`. TCP frames by counting octets (RFC 6587 §3.4.1), as TLS does (RFC 5425 §4.3).
//
// Syslog knows no acknowledgement: over UDP, delivered is what was given to the network. Over TCP
// and TLS it is what the receiver's program has read, as far as Standing::finished can tell: every
// `confirm`, every 1 MiB and every kSyslogWindow messages the connection is finished behind a whole
// message, and the next one is made when there is something to send. When a connection ends
// otherwise, the next carries half as much, down to one message, and is finished at once: what a
// slow receiver, or one that breaks off, has read by then stays delivered. It carries twice as much
// with each that ends well, but what was too much only after 16 of them. With `confirm` 0
// delivered is what the other host's TCP has acknowledged, whether or not anybody has read it.
//
// Bounded by its user. One thread.
class SyslogStream {
 public:
  // `options` and `clock` must outlive it. Touches no network yet.
  SyslogStream(const SyslogSinkOptions& options, std::unique_ptr<Sender> sender,
               const base::Clock& clock);

  // Forgets what was gathered and calls the host. False, with the problem, when that fails.
  bool open(std::string& problem);
  // Takes a message; returns where it ends.
  std::uint64_t add(std::string_view message);
  // Connects, sends and looks, whatever is due; waits for nothing but a connection. False, with the
  // problem, when the destination fails: then only `open` goes on, with everything that was not
  // delivered.
  bool work(std::string& problem);
  // Everything up to here is delivered.
  [[nodiscard]] std::uint64_t delivered() const { return delivered_; }
  // When to work again while something is not delivered.
  [[nodiscard]] base::BootTime next_work() const;
  // Finishes from now on as soon as all is sent, and connects no more when that might take longer
  // than until `deadline`. Until `open`.
  void end_by(base::BootTime deadline) { end_by_ = deadline; }
  // Octets in memory: what was not sent, and at most as much again that was.
  [[nodiscard]] std::size_t gathered_bytes() const { return gathered_.size(); }

 private:
  static constexpr std::uint64_t kMostQuota = 1U << 20U;
  static constexpr std::uint64_t kNothingIsTooMuch = 4 * kMostQuota;
  enum class Connection : std::uint8_t { none, open, finishing };

  [[nodiscard]] bool confirms() const;
  [[nodiscard]] std::uint64_t sent() const { return gathered_at_ + taken_; }
  [[nodiscard]] std::uint64_t gathered() const { return gathered_at_ + gathered_.size(); }
  [[nodiscard]] bool all_sent() const { return taken_ == gathered_.size(); }
  [[nodiscard]] bool is_used() const { return used_at_.has_value(); }
  [[nodiscard]] std::string words(std::string_view problem) const;

  [[nodiscard]] bool connect(std::string& problem);
  void connected();
  void leave_if_closed();
  [[nodiscard]] bool use(base::BootTime now, std::string& problem);
  [[nodiscard]] bool send(base::BootTime now, std::string& problem);
  [[nodiscard]] std::uint64_t limit() const;
  [[nodiscard]] std::size_t piece() const;
  void drop_sent();
  void give_less();
  void give_more();
  [[nodiscard]] std::optional<Standing> look(base::BootTime now, std::string& problem);
  [[nodiscard]] bool is_due(base::BootTime now) const;
  [[nodiscard]] bool finish(base::BootTime now, std::string& problem);
  void deliver_through(std::uint64_t end);

  const SyslogSinkOptions& options_;
  const std::unique_ptr<Sender> sender_;
  const base::Clock& clock_;

  std::string gathered_;            // octets of messages, of which `taken_` are sent
  std::size_t taken_ = 0;           // of `gathered_`
  std::uint64_t gathered_at_ = 0;   // where `gathered_` begins
  std::deque<std::uint64_t> ends_;  // of the messages that are not delivered
  std::uint64_t delivered_ = 0;

  // Of the connection.
  Connection connection_ = Connection::none;
  std::uint64_t connected_at_ = 0;         // where its octets begin
  std::optional<std::uint64_t> last_;      // where it is to be finished, once that is due
  std::uint64_t acknowledged_ = 0;         // of its octets
  std::optional<base::BootTime> used_at_;  // when the first of them was sent

  std::uint64_t quota_ = kMostQuota;            // octets after which a connection is due
  std::uint64_t too_much_ = kNothingIsTooMuch;  // of one that did not end well
  int ended_well_ = 0;                          // connections since
  base::BootTime progress_at_{};                // when something was sent or acknowledged last
  base::BootTime look_at_{};                    // when to look again
  std::optional<base::BootTime> end_by_;
};

}  // namespace trapline::sinks
