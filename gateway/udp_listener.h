// A bound UDP socket: batches in by recvmmsg, Responses out by sendmmsg, and the kernel's drops
// counted.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "base/result.h"
#include "base/undumped_buffer.h"
#include "gateway/config/config.h"
#include "gateway/datagram.h"

namespace trapline::gateway {

// Why a socket could not be opened; the message says what to do about it.
struct ListenError {
  bool port_in_use = false;
  std::string message;
};

// Closes the file descriptor it owns.
class OwnedFd {
 public:
  OwnedFd() = default;
  explicit OwnedFd(int fd) : fd_(fd) {}
  OwnedFd(OwnedFd&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  OwnedFd& operator=(OwnedFd&& other) noexcept;
  ~OwnedFd();
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_ = -1;
};

// One socket. The port is held exclusively: a second process that asks for it is refused by the
// kernel. With shards, the kernel steers each source address to one socket, so that its datagrams
// stay in order.
class UdpListener final : public DatagramPort {
 public:
  static constexpr std::size_t kBatch = 256;
  static constexpr std::size_t kSlotBytes = 65'536;

  // Opens the `config.shards` sockets of one endpoint.
  [[nodiscard]] static base::Result<std::vector<std::unique_ptr<UdpListener>>, ListenError> open(
      const ListenerConfig& config);

  ~UdpListener() override;

  [[nodiscard]] std::span<const Datagram> receive(std::chrono::milliseconds wait) override;
  std::size_t send(std::span<const Reply> replies) override;

  // From now on the kernel drops what arrives, and counts it; what is queued can still be read.
  void stop_receiving();
  // Ends a `receive` that waits, now or next. Any thread, also a signal handler.
  void wake();
  // Datagrams the kernel dropped because the receive buffer was full, since the socket was opened.
  // Any thread.
  [[nodiscard]] std::uint64_t kernel_drops() const;
  // The receive buffer granted, in octets of payload (the kernel reports twice that).
  [[nodiscard]] std::uint64_t receive_buffer_bytes() const { return receive_buffer_bytes_; }
  // As bound: the port is a real one even if 0 was asked for.
  [[nodiscard]] const base::Endpoint& local() const { return local_; }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  struct Wire;  // the kernel's structures of one batch

  UdpListener(OwnedFd socket, const ListenerConfig& config, const base::Endpoint& local);
  void prepare_slot(std::size_t slot);
  void take_slot(std::size_t slot, std::uint32_t bytes);
  void note_drops(std::uint32_t counter) const;

  const OwnedFd socket_;
  const OwnedFd wake_;
  const std::string name_;
  const base::Endpoint local_;
  const bool wildcard_;
  const std::uint64_t receive_buffer_bytes_;
  base::UndumpedBuffer memory_;
  std::unique_ptr<Wire> wire_;
  std::array<Datagram, kBatch> datagrams_;
  std::size_t used_slots_ = kBatch;

  // The kernel's counter is 32 bits wide and wraps.
  struct Drops {
    std::uint32_t last = 0;
    std::uint64_t total = 0;
  };
  mutable base::Guarded<Drops> drops_;
};

}  // namespace trapline::gateway
