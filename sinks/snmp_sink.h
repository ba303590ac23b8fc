// The SNMP sink: events as notifications to an upstream manager.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "protocol/usm/originator.h"
#include "sinks/datagram_link.h"
#include "sinks/forward_guard.h"
#include "sinks/sink.h"
#include "sinks/snmp_informs.h"
#include "sinks/snmp_notification.h"
#include "sinks/snmp_options.h"

namespace trapline::sinks {

// What an SNMP sink is made of beside its options and its link. Everything outlives the sink.
struct SnmpSinkParts {
  const base::Clock& clock;
  base::Random& random;
  base::Log& log;
  ForwardGuard& guard;
  std::uint64_t seed = 0;                  // of request-ids; secret, the same after a restart
  const SnmpIdentity* identity = nullptr;  // null while no user is configured
};

// Driven by a LaneWorker: one lane for traps, as many as `options.lanes` for informs.
//
// A trap is delivered once the kernel has taken it: nobody can say more. An inform is delivered on
// its Response (SnmpInforms). Not forwarded, and counted as delivered: what the router found to
// have come back (`loop`), what came from the upstream itself, and synthetic events that are no
// notification. What is too large, or cannot be said in the upstream's version, is rejected.
//
// One thread, as sink.h says.
class SnmpSink final : public Sink {
 public:
  SnmpSink(const SnmpSinkOptions& options, std::string name, std::unique_ptr<DatagramLink> link,
           const SnmpSinkParts& parts);

  bool open(std::string& reason) override;
  [[nodiscard]] bool wants(const rules::RoutedTrap& event) override;
  void take(const rules::RoutedTrap& event, Sequence sequence, Answers& answers) override;
  void tick(base::BootTime now, Answers& answers) override;
  [[nodiscard]] base::BootTime next_tick() const override;
  void drain(base::BootTime deadline, Answers& answers) override;
  void on_answers(std::function<void()> wake) override;

 private:
  struct Waiting {
    Sequence sequence;
    std::size_t end;  // in octets_
  };

  [[nodiscard]] bool is_v3() const { return options_.version == protocol::Version::v3; }
  [[nodiscard]] bool sends_informs() const { return options_.pdu == protocol::PduKind::inform; }
  [[nodiscard]] bool is_refused(std::string& reason);
  void take_trap(Sequence sequence, Answers& answers);
  void send_waiting(base::BootTime now, Answers& answers);
  void drop_first_waiting(std::size_t count);
  void tell_left_out(const rules::RoutedTrap& event);

  const SnmpSinkOptions& options_;
  const std::string name_;
  const std::unique_ptr<DatagramLink> link_;
  const SnmpSinkParts parts_;
  base::LogSite left_out_site_;
  base::LogSite same_peer_site_;

  SnmpNotification notification_;
  std::unique_ptr<protocol::usm::Originator> originator_;  // v3
  std::optional<SnmpInforms> informs_;                     // null for traps
  std::int32_t next_msg_id_;                               // of v3 traps
  std::vector<std::byte> rendered_;

  // Traps that the kernel has not taken: datagrams one behind the other.
  std::vector<std::byte> octets_;
  std::vector<Waiting> waiting_;
  std::vector<base::Bytes> datagrams_;
  base::BootTime send_at_{};  // after a full buffer
  bool refused_ = false;      // the last trap could not be sent: ask before the next
  bool failed_ = false;       // since `open`
};

}  // namespace trapline::sinks
