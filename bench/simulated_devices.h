// SimulatedDevices: a thousand agents on loopback that answer after a while, behind one socket.
#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <thread>
#include <vector>

#include "base/ip_address.h"
#include "protocol/ber_reader.h"

namespace trapline::bench {

// On loopback every address of 127/8 is ours, and the kernel tells which one was asked: 127.1.0.1
// and on are devices, all on one port. A GET of one name becomes its answer by its tag, its lengths
// and its value; it leaves `latency` after it came. One thread of its own, which reads and sends in
// batches: the oldest request is the first one due, so a ring is all the timer queue it takes.
class SimulatedDevices {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::string_view kValue = "core-1";

  // The address of a device; the first is 0.
  static base::IpAddress address_of(std::size_t device) {
    const std::size_t number = device + 1;
    return base::IpAddress::v4(
        {127, 1, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number & 0xff)});
  }

  explicit SimulatedDevices(std::chrono::nanoseconds latency)
      : latency_(latency), socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
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
  ~SimulatedDevices() {
    stop_ = true;
    thread_.join();
    ::close(socket_);
  }
  SimulatedDevices(const SimulatedDevices&) = delete;
  SimulatedDevices& operator=(const SimulatedDevices&) = delete;

  // Of all devices.
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  static constexpr std::size_t kRing = 1'024;  // when it is full, requests wait in the kernel
  static constexpr std::size_t kBatch = 64;
  static constexpr std::size_t kRoomBytes = 256;
  struct Slot {
    std::byte octets[kRoomBytes];
    char control[64];
    sockaddr_in peer;
    iovec part;
    Clock::time_point due;
  };

  void run() {
    prctl(PR_SET_TIMERSLACK, 1UL);
    while (!stop_) {
      wait();
      if (held_ < kRing) take();
      send_due(Clock::now());
    }
  }
  void wait() const {
    std::chrono::nanoseconds time = std::chrono::milliseconds(50);
    if (held_ > 0) time = std::clamp(slots_[oldest_].due - Clock::now(), Clock::duration(0), time);
    const timespec most{0, time.count()};
    pollfd readable{socket_, static_cast<short>(held_ < kRing ? POLLIN : 0), 0};
    ::ppoll(&readable, 1, &most, nullptr);
  }
  // Reads into the free slots behind the youngest, as far as they lie next to each other.
  void take() {
    const std::size_t first = (oldest_ + held_) % kRing;
    const std::size_t room = std::min({kBatch, kRing - held_, kRing - first});
    for (std::size_t i = first; i < first + room; ++i) {
      Slot& slot = slots_[i];
      slot.part = {slot.octets, kRoomBytes - kValue.size()};
      headers_[i].msg_hdr = {&slot.peer,   sizeof slot.peer,    &slot.part, 1,
                             slot.control, sizeof slot.control, 0};
    }
    const int count =
        recvmmsg(socket_, &headers_[first], static_cast<unsigned>(room), MSG_DONTWAIT, nullptr);
    const Clock::time_point due = Clock::now() + latency_;
    for (std::size_t i = first; count > 0 && i < first + static_cast<std::size_t>(count); ++i) {
      slots_[i].part.iov_len = answer(slots_[i].octets, headers_[i].msg_len);
      slots_[i].due = due;
      ++held_;
    }
  }
  void send_due(Clock::time_point now) {
    const std::size_t neighbours = std::min(held_, kRing - oldest_);
    std::size_t count = 0;
    while (count < neighbours && slots_[oldest_ + count].due <= now) ++count;
    if (count == 0) return;
    sendmmsg(socket_, &headers_[oldest_], static_cast<unsigned>(count), 0);
    oldest_ = (oldest_ + count) % kRing;
    held_ -= count;
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

  const std::chrono::nanoseconds latency_;
  const int socket_;
  std::uint16_t port_ = 0;
  std::vector<Slot> slots_ = std::vector<Slot>(kRing);
  std::vector<mmsghdr> headers_ = std::vector<mmsghdr>(kRing);
  std::size_t oldest_ = 0;
  std::size_t held_ = 0;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace trapline::bench
