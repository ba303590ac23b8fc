#include "gateway/poller/udp_poll_io.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <deque>
#include <optional>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "gateway/poller/poller.h"
#include "gateway/udp_socket.h"

namespace trapline::gateway {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;

constexpr std::size_t kBatch = 32;
constexpr std::size_t kSlotBytes = 65'536;  // a UDP payload is shorter
// After so many batches others get their turn.
constexpr int kBatchesAtOnce = 8;
constexpr std::uint64_t kReceiveBufferBytes = 4'194'304;
// What UDP carries.
constexpr std::size_t kMostBytesV4 = 65'507;
constexpr std::size_t kMostBytesV6 = 65'527;

// Room for one recvmmsg. Its pages are the kernel's until a datagram touches them.
struct ReceiveRoom {
  ReceiveRoom() : octets(new std::byte[kBatch * kSlotBytes]) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      parts[i] = {octets.get() + i * kSlotBytes, kSlotBytes};
      headers[i].msg_hdr.msg_iov = &parts[i];
      headers[i].msg_hdr.msg_iovlen = 1;
      headers[i].msg_hdr.msg_name = &peers[i];
    }
  }
  int receive(int socket) {
    for (mmsghdr& header : headers) header.msg_hdr.msg_namelen = sizeof(sockaddr_storage);
    return recvmmsg(socket, headers.data(), kBatch, MSG_DONTWAIT, nullptr);
  }

  std::unique_ptr<std::byte[]> octets;
  std::array<iovec, kBatch> parts{};
  std::array<sockaddr_storage, kBatch> peers{};
  std::array<mmsghdr, kBatch> headers{};
};

// Datagrams of one family that leave with one sendmmsg.
struct SendRoom {
  struct Slot {
    base::Endpoint to;
    sockaddr_storage address{};
    std::vector<std::byte> octets;
    iovec part{};
  };

  void add(const base::Endpoint& to, base::Bytes datagram) {
    Slot& slot = slots[count];
    slot.to = to;
    slot.octets.assign(datagram.begin(), datagram.end());
    slot.part = {slot.octets.data(), slot.octets.size()};
    msghdr& header = headers[count].msg_hdr;
    header.msg_name = &slot.address;
    header.msg_namelen = to_sockaddr(to, slot.address);
    header.msg_iov = &slot.part;
    header.msg_iovlen = 1;
    ++count;
  }

  std::array<Slot, kBatch> slots{};
  std::array<mmsghdr, kBatch> headers{};
  std::size_t count = 0;
};

// A full send buffer is a datagram lost on its way: the next attempt is not far.
bool is_loss(int error) { return error == EAGAIN || error == ENOBUFS; }

}  // namespace

// Kept alive by what the io_context still has of it.
class UdpPollIo::State : public std::enable_shared_from_this<State> {
 public:
  State(asio::io_context& context, const base::Clock& clock)
      : context_(context), clock_(clock), timer_(context) {}

  void serve(Poller& poller) { poller_ = &poller; }
  void close();
  int send(const base::Endpoint& to, base::Bytes datagram);
  void wake_at(base::BootTime at);

 private:
  // A socket and what is gathered for it.
  struct Family {
    std::optional<udp::socket> socket;
    std::unique_ptr<SendRoom> room;
  };

  // What the kernel would not send, until the poller can be told.
  struct Refused {
    base::Endpoint to;
    int error;
  };

  int open(Family& family, bool is_v4);
  void await(udp::socket& socket);
  void drain(udp::socket& socket);
  void send_gathered();
  // Tells the poller nothing yet: it may be the one that called.
  void flush(Family& family);

  asio::io_context& context_;
  const base::Clock& clock_;
  asio::steady_timer timer_;
  Family v4_;
  Family v6_;
  std::unique_ptr<ReceiveRoom> room_;
  std::deque<Refused> refused_;
  bool gathers_ = false;  // the poller is being called: what it sends leaves together
  Poller* poller_ = nullptr;
};

void UdpPollIo::State::close() {
  poller_ = nullptr;
  timer_.cancel();
  v4_.socket.reset();
  v6_.socket.reset();
}

int UdpPollIo::State::open(Family& family, bool is_v4) {
  base::Endpoint any;
  if (is_v4) any.ip = base::IpAddress::v4({});
  const int descriptor = new_udp_socket(any);
  if (descriptor < 0) return errno;
  static_cast<void>(set_receive_buffer(descriptor, kReceiveBufferBytes));
  family.socket.emplace(context_);
  family.room = std::make_unique<SendRoom>();
  boost::system::error_code error;
  static_cast<void>(family.socket->assign(is_v4 ? udp::v4() : udp::v6(), descriptor, error));
  if (!room_) room_ = std::make_unique<ReceiveRoom>();
  await(*family.socket);
  return 0;
}

int UdpPollIo::State::send(const base::Endpoint& to, base::Bytes datagram) {
  if (poller_ == nullptr) return ESHUTDOWN;
  const bool is_v4 = to.ip.is_v4();
  Family& family = is_v4 ? v4_ : v6_;
  if (!family.socket) {
    if (const int error = open(family, is_v4)) return error;
  }
  if (datagram.size() > (is_v4 ? kMostBytesV4 : kMostBytesV6)) return EMSGSIZE;
  if (gathers_) {
    if (family.room->count == kBatch) flush(family);
    family.room->add(to, datagram);
    return 0;
  }
  sockaddr_storage address{};
  const socklen_t size = to_sockaddr(to, address);
  const ssize_t sent = ::sendto(family.socket->native_handle(), datagram.data(), datagram.size(), 0,
                                reinterpret_cast<const sockaddr*>(&address), size);
  return sent >= 0 || is_loss(errno) ? 0 : errno;
}

void UdpPollIo::State::send_gathered() {
  gathers_ = false;
  flush(v4_);
  flush(v6_);
  while (!refused_.empty() && poller_ != nullptr) {
    const Refused one = refused_.front();
    refused_.pop_front();
    poller_->on_send_failed(one.to, one.error);
  }
  refused_.clear();
}

void UdpPollIo::State::flush(Family& family) {
  if (!family.socket || family.room->count == 0) return;
  SendRoom& room = *family.room;
  for (std::size_t done = 0; done < room.count;) {
    const int sent = sendmmsg(family.socket->native_handle(), &room.headers[done],
                              static_cast<unsigned>(room.count - done), 0);
    if (sent > 0) {
      done += static_cast<std::size_t>(sent);
      continue;
    }
    if (!is_loss(errno)) refused_.push_back({room.slots[done].to, errno});
    ++done;
  }
  room.count = 0;
}

void UdpPollIo::State::wake_at(base::BootTime at) {
  if (poller_ == nullptr) return;
  timer_.expires_after(std::max(at - clock_.boot(), base::BootClock::duration(0)));
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (error || self->poller_ == nullptr) return;
    self->gathers_ = true;
    self->poller_->on_time();
    self->send_gathered();
  });
}

void UdpPollIo::State::await(udp::socket& socket) {
  socket.async_wait(udp::socket::wait_read,
                    [self = shared_from_this(), &socket](const boost::system::error_code& error) {
                      if (error || self->poller_ == nullptr) return;
                      self->drain(socket);
                      if (self->poller_ != nullptr) self->await(socket);
                    });
}

void UdpPollIo::State::drain(udp::socket& socket) {
  for (int batch = 0; batch < kBatchesAtOnce && poller_ != nullptr; ++batch) {
    const int count = room_->receive(socket.native_handle());
    gathers_ = true;
    for (int i = 0; i < count && poller_ != nullptr; ++i) {
      const auto slot = static_cast<std::size_t>(i);
      poller_->on_datagram(from_sockaddr(room_->peers[slot]),
                           {room_->octets.get() + slot * kSlotBytes, room_->headers[slot].msg_len});
    }
    send_gathered();
    if (count < static_cast<int>(kBatch)) return;
  }
}

UdpPollIo::UdpPollIo(asio::io_context& context, const base::Clock& clock)
    : state_(std::make_shared<State>(context, clock)) {}
UdpPollIo::~UdpPollIo() { state_->close(); }

void UdpPollIo::serve(Poller& poller) { state_->serve(poller); }
void UdpPollIo::close() { state_->close(); }
int UdpPollIo::send(const base::Endpoint& to, base::Bytes datagram) {
  return state_->send(to, datagram);
}
void UdpPollIo::wake_at(base::BootTime at) { state_->wake_at(at); }

}  // namespace trapline::gateway
