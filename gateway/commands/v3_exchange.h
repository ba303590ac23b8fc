// Questions to an SNMPv3 peer: discovery, its time, Reports (RFC 3414 §3.2, §4).
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/random.h"
#include "gateway/commands/access_options.h"
#include "gateway/commands/inform_exchange.h"
#include "gateway/commands/udp_target.h"
#include "protocol/usm/originator.h"

namespace trapline::gateway {

// One peer and one user. Used by one thread; what it is made from outlives it.
class V3Exchange {
 public:
  V3Exchange(const SnmpAccess& access, const ConnectedUdpSocket& socket, const base::Clock& clock,
             base::Random& random);

  // Sends a confirmed PDU and waits for the Response with its request-id, 1 + retries times. Engine
  // and time are learned on the way, within the same attempt; a Report that teaches nothing ends
  // it. Blocks.
  [[nodiscard]] ExchangeResult ask(base::Bytes pdu, std::int32_t request_id);
  // Octets of the last message sent.
  [[nodiscard]] std::size_t size_bytes() const { return message_.size(); }
  // The peer's engineID; empty while it has not told.
  [[nodiscard]] base::Bytes engine_id() const { return originator_.engine_id(); }

 private:
  void attempt(base::Bytes pdu, std::int32_t request_id, ExchangeResult& result);
  void send(base::Bytes pdu, std::string& trouble);
  [[nodiscard]] bool is_ours(const protocol::usm::V3Reply& reply) const;

  const SnmpAccess& access_;
  const ConnectedUdpSocket& socket_;
  const base::Clock& clock_;
  protocol::usm::SaltCounters salts_;
  protocol::usm::Originator originator_;
  const std::int32_t first_msg_id_;
  std::int32_t next_msg_id_;
  std::vector<std::byte> message_;
};

}  // namespace trapline::gateway
