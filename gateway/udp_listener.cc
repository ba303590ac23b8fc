#include "gateway/udp_listener.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

#include "gateway/udp_socket.h"

namespace trapline::gateway {
namespace {

// Room for the local address and the drop counter of one datagram.
constexpr std::size_t kControlBytes = 128;
constexpr std::size_t kSendBatch = 64;

ListenError failure(const ListenerConfig& config, const char* what) {
  const int reason = errno;
  ListenError error;
  error.port_in_use = reason == EADDRINUSE;
  error.message = "cannot " + std::string(what) + " udp " + config.udp.to_string() + ": " +
                  std::strerror(reason);
  if (reason == EADDRINUSE) {
    error.message += "; another program holds this port: stop it, or listen elsewhere (--listen)";
  } else if (reason == EACCES) {
    error.message += "; ports below 1024 need CAP_NET_BIND_SERVICE";
  } else if (reason == EADDRNOTAVAIL) {
    error.message += "; no interface of this machine has that address";
  }
  return error;
}

struct BoundSocket {
  OwnedFd fd;
  base::Endpoint local;
};

// A socket bound to the configured endpoint: exclusively, or as one of a group.
base::Result<BoundSocket, ListenError> bind_socket(const ListenerConfig& config, bool in_group) {
  BoundSocket bound{OwnedFd(new_udp_socket(config.udp)), {}};
  const int fd = bound.fd.get();
  if (fd < 0) return failure(config, "open");
  const int on = 1;
  if (in_group && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) {
    return failure(config, "share");
  }
  if (!ask_for_packet_info(fd, config.udp.ip.is_v4())) return failure(config, "set options of");
  sockaddr_storage address{};
  socklen_t size = to_sockaddr(config.udp, address);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), size) != 0) {
    return failure(config, "bind");
  }
  size = sizeof address;
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  bound.local = from_sockaddr(address);
  return bound;
}

// The address a reply must come from, as ancillary data.
std::size_t put_source(const base::IpAddress& from, std::uint32_t interface, char* control) {
  auto* header = reinterpret_cast<cmsghdr*>(control);
  if (from.is_v4()) {
    header->cmsg_level = IPPROTO_IP;
    header->cmsg_type = IP_PKTINFO;
    header->cmsg_len = CMSG_LEN(sizeof(in_pktinfo));
    in_pktinfo info{};
    const auto octets = from.v4_octets();
    std::memcpy(&info.ipi_spec_dst, octets.data(), octets.size());
    std::memcpy(CMSG_DATA(header), &info, sizeof info);
    return CMSG_SPACE(sizeof info);
  }
  header->cmsg_level = IPPROTO_IPV6;
  header->cmsg_type = IPV6_PKTINFO;
  header->cmsg_len = CMSG_LEN(sizeof(in6_pktinfo));
  in6_pktinfo info{};
  std::memcpy(&info.ipi6_addr, from.octets().data(), from.octets().size());
  if (is_link_local(from)) info.ipi6_ifindex = interface;
  std::memcpy(CMSG_DATA(header), &info, sizeof info);
  return CMSG_SPACE(sizeof info);
}

}  // namespace

OwnedFd& OwnedFd::operator=(OwnedFd&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

OwnedFd::~OwnedFd() {
  if (fd_ >= 0) close(fd_);
}

struct UdpListener::Wire {
  std::array<mmsghdr, kBatch> messages{};
  std::array<iovec, kBatch> pieces{};
  std::array<sockaddr_storage, kBatch> peers{};
  alignas(cmsghdr) std::array<std::array<char, kControlBytes>, kBatch> control{};
};

base::Result<std::vector<std::unique_ptr<UdpListener>>, ListenError> UdpListener::open(
    const ListenerConfig& config) {
  std::vector<std::unique_ptr<UdpListener>> listeners;
  {
    // Exclusive: fails when anybody holds the port, also a group that would let us in unnoticed.
    auto probe = bind_socket(config, false);
    if (!probe) return probe.error();
    if (config.shards <= 1) {
      listeners.emplace_back(new UdpListener(std::move(probe->fd), config, probe->local));
      return listeners;
    }
  }
  for (unsigned shard = 0; shard < config.shards; ++shard) {
    auto bound = bind_socket(config, true);
    if (!bound) return bound.error();
    const bool is_v4 = config.udp.ip.is_v4();
    if (shard == 0 && !steer_by_source(bound->fd.get(), is_v4, config.shards)) {
      return failure(config, "steer the shards of");
    }
    listeners.emplace_back(new UdpListener(std::move(bound->fd), config, bound->local));
  }
  return listeners;
}

UdpListener::UdpListener(OwnedFd socket, const ListenerConfig& config, const base::Endpoint& local)
    : socket_(std::move(socket)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      name_(config.name),
      local_(local),
      wildcard_(local.ip == base::IpAddress() || local.ip == base::IpAddress::v4({0, 0, 0, 0})),
      receive_buffer_bytes_(set_receive_buffer(socket_.get(), config.receive_buffer_bytes)),
      memory_(kBatch * kSlotBytes),
      wire_(std::make_unique<Wire>()) {
  for (std::size_t slot = 0; slot < kBatch; ++slot) {
    wire_->pieces[slot] = {memory_.bytes().data() + slot * kSlotBytes, kSlotBytes};
  }
}

UdpListener::~UdpListener() = default;

void UdpListener::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(wake_.get(), &one, sizeof one);
}

void UdpListener::stop_receiving() { refuse_everything(socket_.get()); }

std::span<const Datagram> UdpListener::receive(std::chrono::milliseconds wait) {
  for (std::size_t slot = 0; slot < used_slots_; ++slot) prepare_slot(slot);
  used_slots_ = 0;
  int count = recvmmsg(socket_.get(), wire_->messages.data(), kBatch, MSG_DONTWAIT, nullptr);
  if (count <= 0 && wait.count() > 0) {
    std::array<pollfd, 2> waiting = {{{socket_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}}};
    poll(waiting.data(), waiting.size(), static_cast<int>(wait.count()));
    count = recvmmsg(socket_.get(), wire_->messages.data(), kBatch, MSG_DONTWAIT, nullptr);
  }
  if (count <= 0) return {};
  used_slots_ = static_cast<std::size_t>(count);
  for (std::size_t slot = 0; slot < used_slots_; ++slot) {
    take_slot(slot, wire_->messages[slot].msg_len);
  }
  return {datagrams_.data(), used_slots_};
}

void UdpListener::prepare_slot(std::size_t slot) {
  msghdr& header = wire_->messages[slot].msg_hdr;
  header.msg_name = &wire_->peers[slot];
  header.msg_namelen = sizeof(sockaddr_storage);
  header.msg_iov = &wire_->pieces[slot];
  header.msg_iovlen = 1;
  header.msg_control = wire_->control[slot].data();
  header.msg_controllen = kControlBytes;
  header.msg_flags = 0;
}

void UdpListener::take_slot(std::size_t slot, std::uint32_t bytes) {
  msghdr& header = wire_->messages[slot].msg_hdr;
  Datagram& datagram = datagrams_[slot];
  datagram.payload = memory_.bytes().subspan(slot * kSlotBytes, bytes);
  datagram.peer = from_sockaddr(wire_->peers[slot]);
  datagram.local = local_;
  datagram.interface = 0;
  datagram.truncated = (header.msg_flags & MSG_TRUNC) != 0;
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
      std::array<std::uint8_t, 4> octets{};
      std::memcpy(octets.data(), CMSG_DATA(c) + offsetof(in_pktinfo, ipi_spec_dst), octets.size());
      datagram.local.ip = base::IpAddress::v4(octets);
    } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
      std::array<std::uint8_t, 16> octets{};
      std::memcpy(octets.data(), CMSG_DATA(c) + offsetof(in6_pktinfo, ipi6_addr), octets.size());
      datagram.local.ip = base::IpAddress::v6(octets);
      std::memcpy(&datagram.interface, CMSG_DATA(c) + offsetof(in6_pktinfo, ipi6_ifindex),
                  sizeof datagram.interface);
    } else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL &&
               slot + 1 == used_slots_) {
      std::uint32_t counter = 0;
      std::memcpy(&counter, CMSG_DATA(c), sizeof counter);
      note_drops(counter);
    }
  }
}

void UdpListener::note_drops(std::uint32_t counter) const {
  drops_.with([&](Drops& drops) {
    // Two readers of one counter: the older reading must not count as a wrap.
    const std::uint32_t more = counter - drops.last;
    if (more > UINT32_MAX / 2) return;
    drops.last = counter;
    drops.total += more;
  });
}

std::uint64_t UdpListener::kernel_drops() const {
  note_drops(socket_drops(socket_.get()));
  return drops_.with([](const Drops& drops) { return drops.total; });
}

std::size_t UdpListener::send(std::span<const Reply> replies) {
  std::array<mmsghdr, kSendBatch> messages{};
  std::array<iovec, kSendBatch> pieces{};
  std::array<sockaddr_storage, kSendBatch> peers{};
  alignas(cmsghdr) std::array<std::array<char, kControlBytes>, kSendBatch> control{};
  std::size_t sent = 0;
  std::size_t next = 0;
  while (next < replies.size()) {
    const std::size_t count = std::min(kSendBatch, replies.size() - next);
    for (std::size_t i = 0; i < count; ++i) {
      const Reply& reply = replies[next + i];
      // The kernel only reads what it is told to send.
      pieces[i] = {const_cast<std::byte*>(reply.payload.data()), reply.payload.size()};
      msghdr& header = messages[i].msg_hdr;
      header = {};
      header.msg_name = &peers[i];
      header.msg_namelen = to_sockaddr(reply.peer, peers[i]);
      if (is_link_local(reply.peer.ip)) set_scope(peers[i], reply.interface);
      header.msg_iov = &pieces[i];
      header.msg_iovlen = 1;
      if (!wildcard_) continue;
      header.msg_control = control[i].data();
      header.msg_controllen = put_source(reply.from, reply.interface, control[i].data());
    }
    const int taken = sendmmsg(socket_.get(), messages.data(), static_cast<unsigned>(count), 0);
    if (taken < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    // One peer that cannot be reached (no route, refused by a firewall) must not silence the
    // others.
    next += taken > 0 ? static_cast<std::size_t>(taken) : 1;
    sent += taken > 0 ? static_cast<std::size_t>(taken) : 0;
  }
  return sent;
}

}  // namespace trapline::gateway
