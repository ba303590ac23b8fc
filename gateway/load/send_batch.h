// Messages on their way out: gathered in memory that is reused, sent by one sendmmsg.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <vector>

#include "gateway/load/load_sockets.h"
#include "gateway/load/message_source.h"

namespace trapline::gateway::load {

// Used by one thread. `messages` and `sockets` must outlive it.
class SendBatch {
 public:
  static constexpr std::size_t kMessages = 64;

  SendBatch(MessageSource& messages, LoadSockets& sockets);
  SendBatch(const SendBatch&) = delete;
  SendBatch& operator=(const SendBatch&) = delete;

  // Adds one notification; sends those before it first when they leave from another source or
  // there is no room.
  void add(const Identity& identity);
  // Sends what was added.
  void flush();
  // Messages the kernel did not take, ever.
  [[nodiscard]] std::uint64_t refused() const { return refused_; }
  // Octets of the last message added.
  [[nodiscard]] std::size_t message_bytes() const { return message_bytes_; }

 private:
  MessageSource& messages_;
  LoadSockets& sockets_;
  std::vector<std::vector<std::byte>> copies_;
  std::vector<iovec> vectors_;
  std::vector<mmsghdr> headers_;
  std::size_t used_ = 0;
  std::uint16_t source_ = 0;
  std::uint64_t refused_ = 0;
  std::size_t message_bytes_ = 0;
};

}  // namespace trapline::gateway::load
