// TLS over TCP for Sender, and what it shares with plain TCP.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "sinks/net/sender.h"
#include "sinks/net/socket.h"

namespace trapline::sinks {

// A Sender whose host's certificate is verified: by the system's authorities or `tls.ca_path`, for
// `tls.server_name` or the host that is called. TLS 1.2 or later.
[[nodiscard]] std::unique_ptr<Sender> make_tls_sender(const SenderTarget& target);

// Why the client's certificate and key cannot be used: nothing when they can be, or there are none.
// A key that takes a passphrase cannot: nobody is there to be asked for one.
[[nodiscard]] std::optional<std::string> client_certificate_problem(const TlsOptions& tls);

// Has TCP wait for no more octets before it sends.
void send_at_once(const Socket& socket);
// How many octets of those given to TCP the other host has not acknowledged, the end of the stream
// among them.
[[nodiscard]] std::uint64_t unacknowledged_octets(const Socket& socket);
// Says that nothing more comes.
void end_stream(const Socket& socket);
// Whether the other side has ended; reads what there is and forgets it. Nothing, with what went
// wrong, when the connection broke.
[[nodiscard]] std::optional<bool> stream_ended(const Socket& socket, std::string& problem);
// Closes it so that what is under way is not sent any more.
void abandon(Socket& socket);

}  // namespace trapline::sinks
