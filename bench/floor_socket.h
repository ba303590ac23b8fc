// What both floors receive with: one UDP socket, batches of 256, the gateway's receive buffer size.
#pragma once

#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ip_address.h"

namespace trapline::bench {

inline constexpr std::size_t kBatch = 256;
inline constexpr std::size_t kDatagramBytes = 2'048;
inline constexpr int kReceiveBufferBytes = 64 << 20;

inline volatile std::sig_atomic_t stop_requested = 0;

// Ends the program, saying why.
[[noreturn]] inline void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

// SIGTERM, SIGINT and, `secs` from now, SIGALRM set `stop_requested`; 0 for no alarm.
inline void stop_on_signals(unsigned secs) {
  struct sigaction action {};
  action.sa_handler = [](int) { stop_requested = 1; };
  for (const int signal : {SIGTERM, SIGINT, SIGALRM}) sigaction(signal, &action, nullptr);
  alarm(secs);
}

// User and system time this process has used, in seconds.
inline double cpu_secs() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto secs = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return secs(usage.ru_utime) + secs(usage.ru_stime);
}

// A bound IPv4 socket and the buffers of one batch. Used by one thread.
class FloorSocket {
 public:
  // Binds, or ends the program.
  explicit FloorSocket(const base::Endpoint& at)
      : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)), buffer_(kBatch * kDatagramBytes) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(at.port);
    std::memcpy(&address.sin_addr, at.ip.v4_octets().data(), sizeof address.sin_addr);
    if (setsockopt(socket_, SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBufferBytes, sizeof(int)) < 0) {
      setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &kReceiveBufferBytes, sizeof(int));
    }
    if (bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) < 0) die("bind");
    for (std::size_t i = 0; i < kBatch; ++i) {
      vectors_[i] = {buffer_.data() + i * kDatagramBytes, kDatagramBytes};
      headers_[i].msg_hdr.msg_iov = &vectors_[i];
      headers_[i].msg_hdr.msg_iovlen = 1;
      headers_[i].msg_hdr.msg_name = &peers_[i];
    }
  }
  FloorSocket(const FloorSocket&) = delete;
  FloorSocket& operator=(const FloorSocket&) = delete;
  ~FloorSocket() { close(socket_); }

  // Reads what has arrived, at most a batch; returns how many datagrams, 0 when there are none.
  std::size_t receive() {
    for (mmsghdr& header : headers_) header.msg_hdr.msg_namelen = sizeof(sockaddr_in);
    const int received = recvmmsg(socket_, headers_.data(), kBatch, MSG_DONTWAIT, nullptr);
    return received > 0 ? static_cast<std::size_t>(received) : 0;
  }
  // Waits for a datagram, a signal, or `timeout_ms`.
  void wait(int timeout_ms) {
    pollfd readable{socket_, POLLIN, 0};
    poll(&readable, 1, timeout_ms);
  }
  // One of the last batch; valid until the next `receive`.
  [[nodiscard]] base::Bytes datagram(std::size_t index) const {
    return {buffer_.data() + index * kDatagramBytes, headers_[index].msg_len};
  }
  // Where it came from.
  [[nodiscard]] base::Endpoint peer(std::size_t index) const {
    std::array<std::uint8_t, 4> octets{};
    std::memcpy(octets.data(), &peers_[index].sin_addr, octets.size());
    return {base::IpAddress::v4(octets), ntohs(peers_[index].sin_port)};
  }
  // Sends each datagram of the last batch back to its peer as what `answers` holds for it.
  void answer(std::span<const base::Bytes> answers) {
    std::array<iovec, kBatch> vectors{};
    std::array<mmsghdr, kBatch> headers{};
    for (std::size_t i = 0; i < answers.size(); ++i) {
      vectors[i] = {const_cast<std::byte*>(answers[i].data()), answers[i].size()};
      headers[i].msg_hdr.msg_iov = &vectors[i];
      headers[i].msg_hdr.msg_iovlen = 1;
      headers[i].msg_hdr.msg_name = &peers_[i];
      headers[i].msg_hdr.msg_namelen = sizeof(sockaddr_in);
    }
    std::size_t sent = 0;
    while (sent < answers.size()) {
      const auto left = static_cast<unsigned>(answers.size() - sent);
      const int taken = sendmmsg(socket_, headers.data() + sent, left, 0);
      if (taken < 0 && errno != EINTR) die("sendmmsg");
      sent += taken > 0 ? static_cast<std::size_t>(taken) : 0;
    }
  }

 private:
  int socket_;
  std::vector<std::byte> buffer_;
  std::array<sockaddr_in, kBatch> peers_{};
  std::array<iovec, kBatch> vectors_{};
  std::array<mmsghdr, kBatch> headers_{};
};

}  // namespace trapline::bench
