// One linkDown notification, encoded once; each one sent is a copy with two fields patched.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "gateway/load/load_mark.h"
#include "gateway/load/load_options.h"

namespace trapline::gateway::load {

// What tells one notification of a run from the next.
struct Identity {
  std::int32_t request_id = 0;  // at least kLeastRequestId; v1 has none
  std::uint16_t source = 0;
  std::uint32_t sequence = 0;
};

// From here on a request-id is encoded in four octets, whatever its value.
inline constexpr std::int32_t kLeastRequestId = 0x4000'0000;

// That of a trap, which nobody answers: its sequence number says it all.
[[nodiscard]] inline Identity trap_identity(std::uint32_t sequence, std::uint16_t source) {
  const auto low = static_cast<std::int32_t>(sequence & (kLeastRequestId - 1));
  return {low | kLeastRequestId, source, sequence};
}

// v2c with 6 variable bindings and community "public": 167 octets. Of SNMPv3, the PDU alone.
// Immutable, so any thread may
// read it.
class NotificationTemplate {
 public:
  // Takes kind, version, varbinds, community and run from `options`.
  explicit NotificationTemplate(const LoadOptions& options);

  // The whole message, for a copy to be made.
  [[nodiscard]] base::Bytes bytes() const { return message_; }
  // Makes `copy`, which must be one of `bytes()`, the notification with this identity. Its size
  // does not change. No allocation.
  void patch(base::MutableBytes copy, const Identity& identity) const;

 private:
  std::vector<std::byte> message_;
  std::size_t mark_at_ = 0;
  std::size_t request_id_at_ = 0;  // 0 when there is none
  std::uint32_t run_ = 0;
};

// The request-id of a Response (RFC 3416 §4.2.7) to a v2c message; nothing when it is not one.
[[nodiscard]] std::optional<std::int32_t> response_request_id(base::Bytes datagram);

}  // namespace trapline::gateway::load
