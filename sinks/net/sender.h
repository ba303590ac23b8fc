// Octets to a host: UDP datagrams, a TCP connection, or TLS over one.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sinks/net/tls_options.h"

namespace trapline::sinks {

enum class Transport : std::uint8_t { udp, tcp, tls };

// Where and how. Plain value.
struct SenderTarget {
  Transport transport = Transport::udp;
  std::string host;  // a name or an address, without brackets
  std::uint16_t port = 0;
  TlsOptions tls;
  std::chrono::milliseconds connect_timeout{5'000};  // the TLS handshake included

  // "udp://192.0.2.1:514"
  [[nodiscard]] std::string to_string() const;
};

// From "udp://HOST:PORT", "tcp://..." or "tls://..."; an IPv6 address stands in brackets. Nothing
// when it is not that. The port is 514 (udp) or 6514 (tls) where none is given; tcp needs one.
[[nodiscard]] std::optional<SenderTarget> parse_sender_target(std::string_view text);

// How a connection stands. Plain value.
struct Standing {
  // Octets, of all sent since `open`, that the other host's TCP has acknowledged; of datagrams all.
  std::uint64_t acknowledged = 0;
  bool closed = false;  // the other side has said that nothing more comes from it
  // Both sides have ended, in order, and everything has arrived before: what the other host's
  // program did not read, its TCP would have told by a reset. Of datagrams, once finished.
  //
  // Not told: of a program that calls shutdown(2) before it has read, and closes then (over TLS:
  // 50 ms later or more); by a system that sends no reset (FreeBSD). What a program's TLS library
  // has read counts as read, and what a proxy has.
  bool finished = false;
};

// One socket to one host. Failures are words that name the host. One thread; once `open` has
// returned, nothing waits for the network.
class Sender {
 public:
  virtual ~Sender() = default;
  // Closes what there is and calls the host anew; waits for it, within `connect_timeout` for each
  // of its addresses. False, with the problem, when nobody answers or who answers is not to be
  // trusted.
  virtual bool open(std::string& problem) = 0;
  // Sends the beginning of `octets`, as much as the socket takes now, and says how much: of a
  // datagram all or nothing. What was not taken is to come again, in front of anything else and no
  // less of it. Nothing, with the problem, when the socket is of no use any more.
  virtual std::optional<std::size_t> send(std::string_view octets, std::string& problem) = 0;
  // Says that nothing more comes, once everything was sent; over TLS by its closure alert (RFC 5425
  // §4.4), which the end of the stream follows a moment after that of the other side. So to be
  // called again until it stands as `finished`. False, with the problem, when it cannot be said.
  virtual bool finish(std::string& problem) = 0;
  // Closes the connection so that nothing more of what was sent arrives; for what comes again.
  virtual void give_up() = 0;
  // How it stands. Nothing, with the problem, when the connection broke.
  virtual std::optional<Standing> look(std::string& problem) = 0;
};

// Makes a sender to `target`, which must outlive it. Touches no network. The process must ignore
// SIGPIPE.
[[nodiscard]] std::unique_ptr<Sender> make_sender(const SenderTarget& target);

using SenderMaker = std::function<std::unique_ptr<Sender>()>;

}  // namespace trapline::sinks
