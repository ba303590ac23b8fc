#include "gateway/load/load_sockets.h"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace trapline::gateway::load {
namespace {

// Room for the answers of a whole window.
constexpr int kReceiveBufferBytes = 4 << 20;

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size_bytes = 0;
};

SocketAddress socket_address(const base::Endpoint& endpoint) {
  SocketAddress address;
  if (endpoint.ip.is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    std::memcpy(&v4.sin_addr, endpoint.ip.v4_octets().data(), sizeof v4.sin_addr);
    std::memcpy(&address.storage, &v4, sizeof v4);
    address.size_bytes = sizeof v4;
    return address;
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(endpoint.port);
  std::memcpy(&v6.sin6_addr, endpoint.ip.octets().data(), sizeof v6.sin6_addr);
  std::memcpy(&address.storage, &v6, sizeof v6);
  address.size_bytes = sizeof v6;
  return address;
}

std::string failure(std::string_view what) {
  return std::string(what) + ": " + std::strerror(errno);
}

// Errors that tell of an earlier message's fate, not of this one's.
bool is_news_of_before(int error) {
  return error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH;
}

}  // namespace

LoadSockets::LoadSockets()
    : buffer_(kReceiveBatch * kDatagramBytes), vectors_(kReceiveBatch), headers_(kReceiveBatch) {
  for (std::size_t i = 0; i < kReceiveBatch; ++i) {
    vectors_[i] = {buffer_.data() + i * kDatagramBytes, kDatagramBytes};
    headers_[i].msg_hdr.msg_iov = &vectors_[i];
    headers_[i].msg_hdr.msg_iovlen = 1;
  }
}

LoadSockets::~LoadSockets() {
  for (const int socket : sockets_) close(socket);
  if (epoll_ >= 0) close(epoll_);
}

base::Result<std::unique_ptr<LoadSockets>, std::string> LoadSockets::open(
    const base::Endpoint& target, unsigned sources) {
  std::unique_ptr<LoadSockets> opened(new LoadSockets);
  opened->epoll_ = epoll_create1(EPOLL_CLOEXEC);
  if (opened->epoll_ < 0) return failure("cannot make an epoll");
  const SocketAddress address = socket_address(target);
  for (unsigned source = 0; source < sources; ++source) {
    const int made =
        socket(address.storage.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (made < 0) return failure("cannot make a socket (raise `ulimit -n` for many sources)");
    opened->sockets_.push_back(made);
    setsockopt(made, SOL_SOCKET, SO_RCVBUF, &kReceiveBufferBytes, sizeof kReceiveBufferBytes);
    if (connect(made, reinterpret_cast<const sockaddr*>(&address.storage), address.size_bytes) <
        0) {
      return failure("cannot reach " + target.to_string());
    }
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    wanted.data.u32 = source;
    if (epoll_ctl(opened->epoll_, EPOLL_CTL_ADD, made, &wanted) < 0) return failure("epoll_ctl");
  }
  opened->readable_.assign(sources, true);
  return opened;
}

std::size_t LoadSockets::send(unsigned source, std::span<mmsghdr> messages) {
  std::size_t refused = 0;
  bool second_attempt = false;
  while (!messages.empty()) {
    const int sent =
        sendmmsg(sockets_[source], messages.data(), static_cast<unsigned>(messages.size()), 0);
    if (sent > 0) {
      messages = messages.subspan(static_cast<std::size_t>(sent));
      second_attempt = false;
    } else if (errno == EINTR || (is_news_of_before(errno) && !second_attempt)) {
      second_attempt = errno != EINTR;
    } else {
      ++refused;
      messages = messages.subspan(1);
      second_attempt = false;
    }
  }
  return refused;
}

bool LoadSockets::wait_readable(base::BootTime now, base::BootTime until) {
  std::array<epoll_event, 64> events;
  const auto left = std::max(until - now, std::chrono::nanoseconds(0));
  const auto secs = std::chrono::floor<std::chrono::seconds>(left);
  const timespec timeout{secs.count(), (left - secs).count()};
  const int ready =
      epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
  std::fill(readable_.begin(), readable_.end(), false);
  for (int i = 0; i < ready; ++i) readable_[events[static_cast<std::size_t>(i)].data.u32] = true;
  return ready >= 0;
}

std::size_t LoadSockets::receive_batch(unsigned source) {
  // An error here (the port was closed) is news of a message sent before: the next read goes on.
  const int received =
      recvmmsg(sockets_[source], headers_.data(), kReceiveBatch, MSG_DONTWAIT, nullptr);
  return received > 0 ? static_cast<std::size_t>(received) : 0;
}

base::Bytes LoadSockets::datagram(std::size_t index) const {
  return {buffer_.data() + index * kDatagramBytes, headers_[index].msg_len};
}

}  // namespace trapline::gateway::load
