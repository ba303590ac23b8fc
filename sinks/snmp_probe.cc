#include <array>
#include <chrono>

#include "protocol/usm/originator.h"
#include "sinks/net/udp_link.h"
#include "sinks/snmp_options.h"

namespace trapline::sinks {
namespace {

using namespace std::chrono_literals;

constexpr auto kProbeWait = 1s;
constexpr int kProbes = 3;
constexpr std::int32_t kFirstMsgId = 1;

}  // namespace

std::optional<std::string> probe_snmp(const SnmpSinkOptions& options) {
  const base::SystemClock clock;
  const auto link = make_udp_link(options.host, options.port, clock);
  std::string reason;
  if (!link->connect(reason)) return reason;
  const std::string upstream = link->peer().to_string();
  // Discovery is of no user: any SNMPv3 engine answers it.
  const protocol::usm::UsmUser nobody;
  protocol::usm::SaltCounters salts;
  protocol::usm::Originator originator(nobody, salts, {});
  std::vector<std::byte> datagram;
  base::Endpoint from;
  for (int i = 0; i < kProbes; ++i) {
    std::vector<std::byte> probe;
    originator.write_probe(kFirstMsgId + i, probe);
    const std::array<base::Bytes, 1> datagrams = {base::Bytes(probe)};
    SendFate fate = SendFate::sent;
    if (link->send(datagrams, fate, reason) == 0) {
      return reason.insert(0, "cannot send to " + upstream + ": ");
    }
    link->wait(clock.boot() + kProbeWait);
    while (link->receive(datagram, from)) {
      if (originator.read(datagram, clock.boot())) return std::nullopt;
    }
  }
  if (options.version != protocol::Version::v3 || options.pdu != protocol::PduKind::inform) {
    return std::nullopt;  // silence is all it owes us
  }
  return upstream + " does not tell its SNMPv3 engine: no answer to discovery";
}

}  // namespace trapline::sinks
