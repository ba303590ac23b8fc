// poller_rate SUBJECT DEVICES WINDOW SECS LATENCY_US: GETs per second from loopback devices.
//
// SUBJECT is `poller` (ours, on its sockets), `net_snmp` (the synchronous call of net-snmp's
// library, one after the other, a session for each device) or `bare` (sendto and recvfrom of the
// same octets with the same window). All ask the same devices, which answer sysName.0 after
// LATENCY_US.

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "bench/simulated_devices.h"
#include "gateway/poller/poller.h"
#include "gateway/poller/udp_poll_io.h"
#include "gateway/udp_socket.h"
#include "protocol/request.h"

// Behind ours: it defines macros of common names.
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

namespace trapline::bench {
namespace {

using Clock = SimulatedDevices::Clock;

constexpr const char* kSysName0 = "1.3.6.1.2.1.1.5.0";

// What was asked for, and what was measured.
struct Run {
  std::size_t devices;
  std::size_t window;
  std::chrono::duration<double> length;
  std::uint16_t port;
  std::uint64_t answered = 0;
  std::uint64_t failed = 0;
};

gateway::Device device_of(const Run& run, std::size_t number,
                          const std::shared_ptr<const gateway::PollAccess>& access) {
  gateway::Device device;
  device.address = {SimulatedDevices::address_of(number), run.port};
  device.access = access;
  return device;
}

void run_poller(Run& run) {
  const base::SystemClock clock;
  base::SystemRandom random;
  boost::asio::io_context context;
  gateway::UdpPollIo io(context, clock);
  gateway::PollerLimits limits;
  limits.in_flight = run.window;
  gateway::Poller poller(io, clock, random, limits);
  io.serve(poller);
  auto access = std::make_shared<gateway::PollAccess>();
  access->community = base::Secret("public");
  std::vector<gateway::Device> devices;
  for (std::size_t i = 0; i < run.devices; ++i) devices.push_back(device_of(run, i, access));
  const protocol::Oid name = *protocol::Oid::parse(kSysName0);
  const auto end = Clock::now() + run.length;
  std::size_t next = 0;
  std::size_t open = 0;
  const std::function<void()> ask = [&] {
    ++open;
    poller.get(devices[next++ % devices.size()], {name}, [&](const gateway::GetAnswer& answer) {
      --open;
      const bool good = answer.outcome == gateway::GetOutcome::answered &&
                        base::as_text(answer.values.front().content) == SimulatedDevices::kValue;
      ++(good ? run.answered : run.failed);
      if (Clock::now() < end) {
        ask();
      } else if (open == 0) {
        io.close();
      }
    });
  };
  for (std::size_t i = 0; i < run.window; ++i) ask();
  context.run();
}

void run_net_snmp(Run& run) {
  setenv("MIBS", "", 1);
  setenv("SNMPCONFPATH", "/nonexistent", 1);
  init_snmp("poller_rate");
  std::vector<void*> sessions;  // each by itself: no call looks at the others
  for (std::size_t i = 0; i < run.devices; ++i) {
    const std::string peer = base::Endpoint{SimulatedDevices::address_of(i), run.port}.to_string();
    std::string community = "public";
    netsnmp_session session;
    snmp_sess_init(&session);
    session.version = SNMP_VERSION_2c;
    session.peername = const_cast<char*>(peer.c_str());
    session.community = reinterpret_cast<u_char*>(community.data());
    session.community_len = community.size();
    sessions.push_back(snmp_sess_open(&session));
  }
  const oid name[] = {1, 3, 6, 1, 2, 1, 1, 5, 0};
  const auto end = Clock::now() + run.length;
  for (std::size_t next = 0; Clock::now() < end; ++next) {
    netsnmp_pdu* const request = snmp_pdu_create(SNMP_MSG_GET);
    snmp_add_null_var(request, name, sizeof name / sizeof *name);
    netsnmp_pdu* response = nullptr;
    const int status =
        snmp_sess_synch_response(sessions[next % sessions.size()], request, &response);
    ++(status == STAT_SUCCESS && response->errstat == 0 ? run.answered : run.failed);
    if (response != nullptr) snmp_free_pdu(response);
  }
}

void run_bare(Run& run) {
  std::vector<std::byte> pdu;
  const std::vector<protocol::Oid> names = {*protocol::Oid::parse(kSysName0)};
  protocol::encode_request({protocol::RequestKind::get, 0x12345678, 0, 0}, names, pdu);
  std::vector<std::byte> request;
  protocol::encode_community_message(protocol::Version::v2c, base::as_bytes("public"), pdu,
                                     request);
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const int size = 8 << 20;
  setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  std::size_t next = 0;
  const auto send_one = [&] {
    sockaddr_storage to{};
    const auto length =
        gateway::to_sockaddr({SimulatedDevices::address_of(next++ % run.devices), run.port}, to);
    ::sendto(socket, request.data(), request.size(), 0, reinterpret_cast<sockaddr*>(&to), length);
  };
  const auto end = Clock::now() + run.length;
  for (std::size_t i = 0; i < run.window; ++i) send_one();
  std::vector<std::byte> room(2'048);
  while (Clock::now() < end) {
    sockaddr_storage from{};
    socklen_t length = sizeof from;
    pollfd waiting{socket, POLLIN, 0};
    const ssize_t got = ::recvfrom(socket, room.data(), room.size(), MSG_DONTWAIT,
                                   reinterpret_cast<sockaddr*>(&from), &length);
    if (got >= 0) {
      ++run.answered;
      send_one();
    } else if (::poll(&waiting, 1, 1'000) == 0) {
      run.failed += run.window;
      for (std::size_t i = 0; i < run.window; ++i) send_one();
    }
  }
  ::close(socket);
}

}  // namespace
}  // namespace trapline::bench

int main(int argc, char** argv) {
  using namespace trapline::bench;
  if (argc != 6) {
    std::fprintf(stderr,
                 "usage: poller_rate poller|net_snmp|bare DEVICES WINDOW SECS LATENCY_US\n");
    return 64;
  }
  const SimulatedDevices devices(std::chrono::microseconds(std::strtoul(argv[5], nullptr, 10)));
  Run run{std::strtoul(argv[2], nullptr, 10), std::strtoul(argv[3], nullptr, 10),
          std::chrono::duration<double>(std::strtod(argv[4], nullptr)), devices.port()};
  const std::string_view subject = argv[1];
  const auto began = Clock::now();
  if (subject == "poller") run_poller(run);
  if (subject == "net_snmp") run_net_snmp(run);
  if (subject == "bare") run_bare(run);
  const std::chrono::duration<double> took = Clock::now() - began;
  std::printf("{\"per_sec\": %.1f, \"answered\": %llu, \"failed\": %llu}\n",
              static_cast<double>(run.answered) / took.count(),
              static_cast<unsigned long long>(run.answered),
              static_cast<unsigned long long>(run.failed));
  return 0;
}
