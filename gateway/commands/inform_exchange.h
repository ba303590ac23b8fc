// Confirmed PDUs and the wait for their Responses (RFC 3416 §4.2.7).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "gateway/commands/udp_target.h"
#include "protocol/usm/originator.h"

namespace trapline::gateway {

using SteadyClock = std::chrono::steady_clock;

// The fields of a Response that matter to the sender of an inform. Plain value.
struct InformResponse {
  std::int32_t request_id = 0;
  std::int32_t error_status = 0;
  std::int32_t error_index = 0;
};

// Reads a v2c message that carries a Response. Nothing when it is anything else. Pure.
[[nodiscard]] std::optional<InformResponse> read_inform_response(base::Bytes datagram);
// The same of a PDU alone, tag and length included.
[[nodiscard]] std::optional<InformResponse> read_response_pdu(base::Bytes pdu);

// How an exchange went.
struct ExchangeResult {
  std::optional<InformResponse> response;
  std::optional<protocol::usm::ReportKind> report;  // SNMPv3: what the peer said instead
  std::chrono::nanoseconds latency{0};              // since the first attempt
  unsigned attempts = 0;
  std::string trouble;  // what the network said, when it said something
};

// Waits for the next datagram until `deadline`; false when none came. What the network says goes to
// `trouble`. Blocks.
[[nodiscard]] bool await_datagram(int socket, SteadyClock::time_point deadline,
                                  std::vector<std::byte>& datagram, std::string& trouble);

// Sends `datagram` and waits `timeout` for the Response with `request_id`, up to 1 + `retries`
// times. Other datagrams are ignored. Blocks.
[[nodiscard]] ExchangeResult exchange_inform(const ConnectedUdpSocket& socket, base::Bytes datagram,
                                             std::int32_t request_id,
                                             std::chrono::milliseconds timeout, unsigned retries);

}  // namespace trapline::gateway
