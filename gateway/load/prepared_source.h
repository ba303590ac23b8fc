// Messages made before the load begins, so that making them takes nothing from the receiver beside
// it.
#pragma once

#include "gateway/load/message_source.h"

namespace trapline::gateway::load {

// The first traps of a load from one source port, in order; what goes beyond them is made when it
// is asked for. `live` outlives it.
class PreparedSource final : public MessageSource {
 public:
  // Makes `count` messages, all in memory: some 300 octets each.
  PreparedSource(MessageSource& live, std::size_t count);

  void write(const Identity& identity, std::vector<std::byte>& out) override;
  [[nodiscard]] std::optional<Answer> read(base::Bytes datagram) override {
    return live_.read(datagram);
  }

 private:
  MessageSource& live_;
  std::vector<std::byte> octets_;    // one message behind the other
  std::vector<std::size_t> begins_;  // of each, and the end of the last
};

}  // namespace trapline::gateway::load
