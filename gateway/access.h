// Access: whether a community may be used from where it came, and who the notification is about.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "gateway/config/config.h"
#include "gateway/ledger.h"
#include "protocol/trap_message.h"

namespace trapline::gateway {

// Immutable after construction; any thread may ask. `config` must outlive it: names view it, and it
// holds the secrets, which are compared in constant time, each one, every time.
class Access {
 public:
  explicit Access(const Config& config) : config_(config) {}

  // The configured name of the community whose text `community` is and whose `from` covers `peer`.
  [[nodiscard]] base::Result<std::string_view, RefusalReason> check(
      base::Bytes community, const base::IpAddress& peer) const;
  // Fills `agent` and `agent_via`: what the message claims when its peer is a trusted relay, else
  // the peer.
  void attribute(protocol::TrapMessage& message) const;

 private:
  const Config& config_;
};

}  // namespace trapline::gateway
