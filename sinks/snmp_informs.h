// The informs of one upstream that wait for their Responses.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "protocol/usm/originator.h"
#include "sinks/datagram_link.h"
#include "sinks/forward_guard.h"
#include "sinks/sink.h"
#include "sinks/snmp_options.h"
#include "sinks/snmp_reply.h"

namespace trapline::sinks {

// One inform in flight per lane, so that an agent's come in order; as many lanes as informs may be
// in flight. An inform is delivered on a Response to it from the upstream's address and port; it
// is sent again after `timeout`, `retries` times, and then its lane comes again later. When the
// upstream was silent to all of them, it is the destination that fails.
//
// v3: the upstream's engine is asked for first. A Report that teaches its engineID or time has the
// inform sent again at once, twice at most per attempt; any other says that the destination
// fails.
//
// Not synchronised. Holds the octets of what was added: as many events as its worker hands over.
class SnmpInforms {
 public:
  // Everything referred to outlives it; `v3` is null for v2c. `first_msg_id` is positive.
  SnmpInforms(const SnmpSinkOptions& options, DatagramLink& link, ForwardGuard& guard,
              protocol::usm::Originator* v3, std::int32_t first_msg_id);

  // Forgets everything added.
  void forget();
  // One of them, ready to be sent.
  struct Inform {
    Sequence sequence;
    std::int32_t request_id;
    ForwardDigest digest;           // the guard is told of it each time the inform leaves
    std::vector<std::byte> octets;  // v2c: the message; v3: the PDU
  };
  // Puts an inform behind those of its lane.
  void add(unsigned lane, Inform inform);
  // Takes what has arrived, sends what is due, and answers. False when it has answered `retry`.
  bool work(base::BootTime now, Answers& answers);
  // When `work` is wanted even if nothing arrives; BootTime::max() for never.
  [[nodiscard]] base::BootTime next_due() const;
  [[nodiscard]] bool empty() const;

 private:
  // Of the first inform of a lane, once it was sent.
  struct Flight {
    explicit Flight(base::BootTime now) : began(now) {}

    unsigned attempts = 0;
    unsigned lessons = 0;                             // in this attempt
    std::optional<protocol::usm::ReportKind> report;  // the last to it
    base::BootTime began;
    base::BootTime due{};
    std::vector<std::int32_t> msg_ids;
  };
  struct Lane {
    std::deque<Inform> informs;
    std::optional<Flight> flight;
  };

  void take_replies(base::BootTime now, Answers& answers);
  void take_v3_reply(base::BootTime now, Answers& answers);
  void take_response(const SnmpResponse& response, Answers& answers);
  void take_report(const protocol::usm::V3Reply& reply, base::BootTime now, Answers& answers);
  void discover(base::BootTime now, Answers& answers);
  void start_and_repeat(base::BootTime now, Answers& answers);
  void attempt(Lane& lane, base::BootTime now, Answers& answers);
  bool send(Lane& lane, base::BootTime now, Answers& answers);
  void give_up(Lane& lane, Answers& answers);
  void fail(std::chrono::milliseconds at_least, const std::string& reason, Answers& answers);
  void reject(Lane& lane, const std::string& reason, Answers& answers);
  [[nodiscard]] bool request_id_in_flight(std::int32_t request_id) const;
  std::int32_t take_msg_id();
  [[nodiscard]] std::string upstream() const;

  const SnmpSinkOptions& options_;
  DatagramLink& link_;
  ForwardGuard& guard_;
  protocol::usm::Originator* const v3_;

  std::vector<Lane> lanes_;
  bool failed_ = false;         // has answered `retry` since `forget`
  base::BootTime heard_at_{};   // the last answer to any of them
  unsigned probes_ = 0;         // sent for the discovery under way
  base::BootTime probe_due_{};  // when the next one is, or discovery is given up
  std::int32_t next_msg_id_;
  std::uint32_t most_bytes_;  // of a message, as far as the upstream has told
  std::vector<std::byte> message_;
  std::vector<std::byte> datagram_;
};

}  // namespace trapline::sinks
