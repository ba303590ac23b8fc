// Copies of the template on their way out: gathered, patched in place, sent by one sendmmsg.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <vector>

#include "gateway/load/load_sockets.h"
#include "gateway/load/notification_template.h"

namespace trapline::gateway::load {

// Used by one thread. `message` and `sockets` must outlive it.
class SendBatch {
 public:
  static constexpr std::size_t kMessages = 64;

  SendBatch(const NotificationTemplate& message, LoadSockets& sockets);
  SendBatch(const SendBatch&) = delete;
  SendBatch& operator=(const SendBatch&) = delete;

  // Adds one notification; sends those before it first when they leave from another source or
  // there is no room.
  void add(const Identity& identity);
  // Sends what was added.
  void flush();
  // Messages the kernel did not take, ever.
  [[nodiscard]] std::uint64_t refused() const { return refused_; }

 private:
  const NotificationTemplate& message_;
  LoadSockets& sockets_;
  std::vector<std::byte> copies_;
  std::vector<iovec> vectors_;
  std::vector<mmsghdr> headers_;
  std::size_t used_ = 0;
  std::uint16_t source_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace trapline::gateway::load
