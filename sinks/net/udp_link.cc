#include "sinks/net/udp_link.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "sinks/net/host_lookup.h"
#include "sinks/snmp_options.h"

namespace trapline::sinks {
namespace {

using namespace std::chrono_literals;

constexpr auto kLookUpWait = 1'500ms;
constexpr auto kLookUpEvery = 60s;
constexpr auto kLongestWait = 10s;
constexpr std::size_t kMostAtOnce = 64;

struct SocketAddress {
  explicit SocketAddress(const base::Endpoint& endpoint) {
    if (endpoint.ip.is_v4()) {
      sockaddr_in v4{};
      v4.sin_family = AF_INET;
      v4.sin_port = htons(endpoint.port);
      const auto octets = endpoint.ip.v4_octets();
      std::memcpy(&v4.sin_addr, octets.data(), octets.size());
      std::memcpy(&storage, &v4, sizeof v4);
      size = sizeof v4;
      return;
    }
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(endpoint.port);
    const auto& octets = endpoint.ip.octets();
    std::memcpy(&v6.sin6_addr, octets.data(), octets.size());
    std::memcpy(&storage, &v6, sizeof v6);
    size = sizeof v6;
  }

  sockaddr_storage storage{};
  socklen_t size = 0;
};

base::Endpoint endpoint_of(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    std::array<std::uint8_t, 4> octets{};
    std::memcpy(octets.data(), &v4.sin_addr, octets.size());
    return {base::IpAddress::v4(octets), ntohs(v4.sin_port)};
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &address, sizeof v6);
  std::array<std::uint8_t, 16> octets{};
  std::memcpy(octets.data(), &v6.sin6_addr, octets.size());
  return {base::IpAddress::v6(octets), ntohs(v6.sin6_port)};
}

std::string words_of(int error) {
  return error == ECONNREFUSED ? "nobody listens there" : std::strerror(error);
}

// Large datagrams go in fragments: with path MTU discovery, the refusal of one by a router would be
// told to whichever datagram came next.
void fragment(int socket, int family) {
  static_assert(IP_PMTUDISC_DONT == IPV6_PMTUDISC_DONT);
  const int dont = IP_PMTUDISC_DONT;
  const int level = family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
  const int option = family == AF_INET ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER;
  static_cast<void>(::setsockopt(socket, level, option, &dont, sizeof dont));
}

// A file descriptor, closed when it dies.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }

 private:
  int number_ = -1;
};

// Tells, from a thread of its own, that a socket can be read; once each time it is armed.
class ReadableWatch {
 public:
  ReadableWatch()
      : changed_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        thread_([this](const std::stop_token& end) { run(end); }) {}
  ~ReadableWatch() {
    thread_.request_stop();
    poke();
    thread_.join();
  }

  void on_readable(std::function<void()> wake) {
    const std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
  }
  void disarm() { arm(-1); }
  void arm(int socket) {
    const std::lock_guard lock(mutex_);
    if (socket_ == socket) return;
    socket_ = socket;
    poke();
  }

 private:
  void poke() { ::eventfd_write(changed_.number(), 1); }

  void run(const std::stop_token& end) {
    while (!end.stop_requested()) {
      std::array<pollfd, 2> waiting{{{changed_.number(), POLLIN, 0}, {-1, POLLIN, 0}}};
      {
        const std::lock_guard lock(mutex_);
        waiting[1].fd = socket_;
      }
      if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;
      eventfd_t count = 0;
      if (waiting[0].revents != 0) {
        ::eventfd_read(changed_.number(), &count);
        continue;
      }
      const std::lock_guard lock(mutex_);
      if (socket_ == waiting[1].fd) socket_ = -1;
      if (wake_) wake_();
    }
  }

  const Descriptor changed_;
  std::mutex mutex_;
  std::function<void()> wake_;  // guarded by mutex_
  int socket_ = -1;             // guarded by mutex_; -1: not armed
  std::jthread thread_;
};

class UdpLink final : public DatagramLink {
 public:
  UdpLink(const std::string& host, std::uint16_t port, const base::Clock& clock)
      : host_(host), clock_(clock), lookup_(host, port) {}
  ~UdpLink() override { watch_.reset(); }

  bool connect(std::string& reason) override;
  void refresh(base::BootTime now) override;
  [[nodiscard]] base::Endpoint peer() const override { return peer_; }
  [[nodiscard]] bool is_peer(const base::IpAddress& ip) const override {
    return std::ranges::find(addresses_, ip, &base::Endpoint::ip) != addresses_.end();
  }
  std::size_t send(std::span<const base::Bytes> datagrams, SendFate& fate,
                   std::string& words) override;
  bool receive(std::vector<std::byte>& datagram, base::Endpoint& from) override;
  void wait(base::BootTime deadline) override;
  void on_readable(std::function<void()> wake) override;

 private:
  [[nodiscard]] int socket() const { return socket_.number(); }
  bool connect_to(const base::Endpoint& peer, std::string& reason);
  void take_port(int family);

  const std::string host_;
  const base::Clock& clock_;
  HostLookup lookup_;
  base::BootTime look_up_at_{};
  std::vector<base::Endpoint> addresses_;
  std::optional<std::size_t> current_;  // of addresses_: the one last tried
  Descriptor socket_;
  std::uint16_t port_ = 0;  // ours
  base::Endpoint peer_;
  int reported_ = 0;  // what `receive` was told of an earlier datagram; 0: nothing
  std::vector<std::byte> room_ = std::vector<std::byte>(kMaxUdpPayloadBytes);
  std::unique_ptr<ReadableWatch> watch_;  // only where somebody wants to know
};

bool UdpLink::connect(std::string& reason) {
  lookup_.ask();
  HostLookup::Answer answer = std::vector<base::Endpoint>{};
  if (lookup_.take(answer, kLookUpWait)) {
    look_up_at_ = clock_.boot() + kLookUpEvery;
    if (!answer) {
      reason = answer.error();
      if (addresses_.empty()) return false;
    } else if (addresses_ != *answer) {
      addresses_ = *answer;
      current_.reset();
    }
  } else if (addresses_.empty()) {
    reason = "the name service has not found the host " + host_ + " yet";
    return false;
  }
  current_ = current_ ? (*current_ + 1) % addresses_.size() : 0;
  return connect_to(addresses_[*current_], reason);
}

void UdpLink::refresh(base::BootTime now) {
  if (base::IpAddress::parse(host_)) return;
  HostLookup::Answer answer = std::vector<base::Endpoint>{};
  if (lookup_.take(answer, 0ms)) {
    look_up_at_ = now + kLookUpEvery;
    if (!answer) return;
    addresses_ = *answer;
    const auto found = std::ranges::find(addresses_, peer_);
    current_ = found == addresses_.end() ? 0 : static_cast<std::size_t>(found - addresses_.begin());
    std::string nobody_asks;
    if (found == addresses_.end()) connect_to(addresses_.front(), nobody_asks);
  } else if (now >= look_up_at_) {
    lookup_.ask();
  }
}

// A new socket each time: one that was connected keeps the address it then sent from, which may be
// ours no longer. Its port stays.
bool UdpLink::connect_to(const base::Endpoint& peer, std::string& reason) {
  if (watch_) watch_->disarm();
  socket_ = {};
  const int family = peer.ip.is_v4() ? AF_INET : AF_INET6;
  socket_ = Descriptor(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  take_port(family);
  const SocketAddress address(peer);
  if (!socket_.is_open() ||
      ::connect(socket(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0) {
    reason = "cannot send to " + peer.to_string() + ": " + std::strerror(errno);
    return false;
  }
  fragment(socket(), family);
  peer_ = peer;
  reported_ = 0;
  if (watch_) watch_->arm(socket());
  return true;
}

// The port it had before; where another took that meanwhile, any.
void UdpLink::take_port(int family) {
  base::Endpoint own;
  own.ip = family == AF_INET ? base::IpAddress::v4({}) : base::IpAddress::v6({});
  own.port = port_;
  SocketAddress address(own);
  auto* const generic = reinterpret_cast<sockaddr*>(&address.storage);
  if (::bind(socket(), generic, address.size) == 0) {
    if (::getsockname(socket(), generic, &address.size) == 0)
      port_ = endpoint_of(address.storage).port;
  }
}

std::size_t UdpLink::send(std::span<const base::Bytes> datagrams, SendFate& fate,
                          std::string& words) {
  std::size_t sent = 0;
  fate = SendFate::sent;
  if (const int error = std::exchange(reported_, 0); error != 0) {
    fate = SendFate::failed;
    words = words_of(error);
    return 0;
  }
  while (sent < datagrams.size()) {
    std::array<mmsghdr, kMostAtOnce> headers{};
    std::array<iovec, kMostAtOnce> parts{};
    const std::size_t count = std::min(kMostAtOnce, datagrams.size() - sent);
    for (std::size_t i = 0; i < count; ++i) {
      const base::Bytes octets = datagrams[sent + i];
      parts[i] = {const_cast<std::byte*>(octets.data()), octets.size()};
      headers[i].msg_hdr.msg_iov = &parts[i];
      headers[i].msg_hdr.msg_iovlen = 1;
    }
    const int taken = ::sendmmsg(socket(), headers.data(), static_cast<unsigned>(count), 0);
    if (taken > 0) {
      sent += static_cast<std::size_t>(taken);
      continue;
    }
    switch (errno) {
      case EINTR: continue;
      case EAGAIN:
      case ENOBUFS: fate = SendFate::busy; return sent;
      case EMSGSIZE: fate = SendFate::too_large; return sent;
      default:
        fate = SendFate::failed;
        words = words_of(errno);
        return sent;
    }
  }
  return sent;
}

bool UdpLink::receive(std::vector<std::byte>& datagram, base::Endpoint& from) {
  sockaddr_storage source{};
  socklen_t source_size = sizeof source;
  ssize_t size = 0;
  // An ICMP error of an earlier message is reported once, and is for `send` to tell: what has
  // arrived stands behind it.
  for (int tries = 0; tries < 2; ++tries) {
    size = ::recvfrom(socket(), room_.data(), room_.size(), MSG_DONTWAIT,
                      reinterpret_cast<sockaddr*>(&source), &source_size);
    if (size >= 0 || errno == EAGAIN) break;
    if (errno != EINTR) reported_ = errno;
  }
  if (size < 0) {
    if (watch_) watch_->arm(socket());
    return false;
  }
  reported_ = 0;
  datagram.assign(room_.begin(), room_.begin() + size);
  from = endpoint_of(source);
  return true;
}

void UdpLink::wait(base::BootTime deadline) {
  const auto left = std::min<std::chrono::nanoseconds>(deadline - clock_.boot(), kLongestWait);
  if (left.count() <= 0) return;
  pollfd waiting{socket(), POLLIN, 0};
  static_cast<void>(::poll(
      &waiting, 1, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count())));
}

void UdpLink::on_readable(std::function<void()> wake) {
  if (!watch_ && !wake) return;
  if (!watch_) watch_ = std::make_unique<ReadableWatch>();
  watch_->on_readable(std::move(wake));
}

}  // namespace

std::unique_ptr<DatagramLink> make_udp_link(const std::string& host, std::uint16_t port,
                                            const base::Clock& clock) {
  return std::make_unique<UdpLink>(host, port, clock);
}

}  // namespace trapline::sinks
