// poller_rate SUBJECT DEVICES WINDOW SECS: GETs per second from loopback devices.
//
// SUBJECT is `poller` (ours, on its sockets), `net_snmp` (the synchronous call of net-snmp's
// library, one after the other, a session for each device) or `bare` (sendto and recvfrom of the
// same octets with the same window). All ask the same devices: 127.1.x.y on one port, by one thread
// that answers sysName.0 with what it was asked, patched.

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "gateway/poller/poller.h"
#include "gateway/poller/udp_poll_io.h"
#include "gateway/udp_socket.h"
#include "protocol/request.h"

// Behind ours: it defines macros of common names.
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

namespace trapline::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kSysName0 = "1.3.6.1.2.1.1.5.0";
constexpr std::string_view kValue = "core-1";

// 127.1.0.1 and on.
base::IpAddress address_of(std::size_t device) {
  const std::size_t number = device + 1;
  return base::IpAddress::v4(
      {127, 1, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number & 0xff)});
}

// All devices behind one socket: on loopback every address of 127/8 is ours, and the kernel tells
// which one was asked. A request becomes its answer by its tag, its lengths and its value.
class Devices {
 public:
  Devices() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in any{};
    any.sin_family = AF_INET;
    const int on = 1;
    const int size = 8 << 20;
    setsockopt(socket_, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
    setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (bind(socket_, reinterpret_cast<sockaddr*>(&any), sizeof any) != 0) std::abort();
    socklen_t length = sizeof any;
    getsockname(socket_, reinterpret_cast<sockaddr*>(&any), &length);
    port_ = ntohs(any.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~Devices() {
    stop_ = true;
    thread_.join();
    ::close(socket_);
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  static constexpr std::size_t kBatch = 64;
  static constexpr std::size_t kRoomBytes = 512;
  struct Slot {
    std::byte octets[kRoomBytes];
    char control[64];
    sockaddr_in peer;
    iovec part;
  };

  void prepare(std::vector<Slot>& slots, std::vector<mmsghdr>& headers) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      slots[i].part = {slots[i].octets, kRoomBytes};
      headers[i].msg_hdr = {&slots[i].peer,
                            sizeof slots[i].peer,
                            &slots[i].part,
                            1,
                            slots[i].control,
                            sizeof slots[i].control,
                            0};
    }
  }
  void run() {
    std::vector<Slot> slots(kBatch);
    std::vector<mmsghdr> headers(kBatch);
    while (!stop_) {
      pollfd waiting{socket_, POLLIN, 0};
      if (::poll(&waiting, 1, 50) <= 0) continue;
      prepare(slots, headers);
      const int count = recvmmsg(socket_, headers.data(), kBatch, MSG_DONTWAIT, nullptr);
      for (int i = 0; i < count; ++i) {
        const auto at = static_cast<std::size_t>(i);
        slots[at].part.iov_len = answer(slots[at].octets, headers[at].msg_len);
      }
      if (count > 0) sendmmsg(socket_, headers.data(), static_cast<unsigned>(count), 0);
    }
  }
  // Of a request with one name, whose last two octets are its NULL.
  static std::size_t answer(std::byte* octets, std::size_t size) {
    const auto grow = [octets](std::size_t at) {
      octets[at] = std::byte(std::to_integer<std::size_t>(octets[at]) + kValue.size());
    };
    const std::size_t pdu = 7 + std::to_integer<std::size_t>(octets[6]);
    const std::size_t list = pdu + 2 + 2 + std::to_integer<std::size_t>(octets[pdu + 3]) + 6;
    octets[pdu] = std::byte{protocol::tag::kResponse};
    for (const std::size_t length : {std::size_t{1}, pdu + 1, list + 1, list + 3}) grow(length);
    octets[size - 2] = std::byte{protocol::tag::kOctetString};
    octets[size - 1] = std::byte(kValue.size());
    std::memcpy(octets + size, kValue.data(), kValue.size());
    return size + kValue.size();
  }

  const int socket_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

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
  device.address = {address_of(number), run.port};
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
                        base::as_text(answer.values.front().content) == kValue;
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
    const std::string peer = base::Endpoint{address_of(i), run.port}.to_string();
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
    const auto length = gateway::to_sockaddr({address_of(next++ % run.devices), run.port}, to);
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
  if (argc != 5) {
    std::fprintf(stderr, "usage: poller_rate poller|net_snmp|bare DEVICES WINDOW SECS\n");
    return 64;
  }
  const Devices devices;
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
