// What the senders of TCP and of TLS over it share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sinks/net/socket.h"

namespace trapline::sinks {

// Has TCP wait for no more octets before it sends.
void send_at_once(const Socket& socket);
// How many octets of those given to TCP the other host has not acknowledged, the end of the stream
// among them. Very many when nobody knows.
[[nodiscard]] std::uint64_t unacknowledged_octets(const Socket& socket);
// Says that nothing more comes.
void end_stream(const Socket& socket);
// Whether the other side has ended; reads what there is and forgets it. Nothing, with what went
// wrong, when the connection broke.
[[nodiscard]] std::optional<bool> stream_ended(const Socket& socket, std::string& problem);
// Closes it so that what is under way is not sent any more.
void abandon(Socket& socket);

}  // namespace trapline::sinks
