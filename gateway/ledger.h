// The ledger: what became of every datagram, by reason. The first line of the books.
//
// received = malformed + refused + limited + shed + protocol + duplicate + accepted + in flight, at
// every instant: a batch is entered as a whole, under one lock.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/guarded.h"
#include "protocol/decode_error.h"
#include "protocol/tolerance.h"

namespace trapline::gateway {

// Why a well-formed or unread datagram was turned away.
enum class RefusalReason : std::uint8_t {
  source_not_allowed,     // sources.allow
  unknown_community,      // no configured community has this text
  community_source,       // the community matched, but not its `from`
  version_not_supported,  // v3, while no user is configured
  // SNMPv3, by the step that failed (protocol/usm/v3_trace.h).
  unknown_user,
  unsupported_level,
  level_too_low,
  engine_not_allowed,
  wrong_digest,
  not_in_time_window,
  decryption_failed,
  unreadable_plaintext,
  inform_for_other_engine,
};
inline constexpr std::size_t kRefusalReasonCount = 13;
[[nodiscard]] std::string_view name_of(RefusalReason reason);

// Counters of datagrams. Plain value; totals since the process started.
struct ReceptionCounts {
  std::uint64_t received = 0;
  std::uint64_t received_bytes = 0;
  std::uint64_t oversized = 0;  // part of malformed
  std::array<std::uint64_t, protocol::kDecodeErrorKindCount> malformed{};
  std::array<std::uint64_t, kRefusalReasonCount> refused{};
  std::uint64_t limited = 0;
  std::uint64_t shed = 0;
  std::uint64_t protocol = 0;  // PDUs that are no notification; v3 discovery
  std::uint64_t duplicate = 0;
  std::uint64_t accepted = 0;   // durable
  std::uint64_t in_flight = 0;  // accepted once the commit is through
  // Not part of the sum.
  std::uint64_t responses = 0;         // sent
  std::uint64_t responses_failed = 0;  // the socket would not take them; the sender tries again
  std::uint64_t reports = 0;           // sent (RFC 3414 §3.2)
  std::uint64_t reports_withheld = 0;  // over the budget
  std::array<std::uint64_t, protocol::kToleranceCount> tolerances{};

  // Sums over the reasons.
  [[nodiscard]] std::uint64_t malformed_total() const;
  [[nodiscard]] std::uint64_t refused_total() const;
  // received minus everything it must equal; 0, or there is a defect.
  [[nodiscard]] std::int64_t difference() const;
  // Adds every counter of `batch`.
  void add(const ReceptionCounts& batch);
};

// The counters shared by listeners (who enter batches) and committer (who moves in flight to
// accepted).
class Ledger {
 public:
  // Enters what a listener did with one batch. Any thread.
  void enter(const ReceptionCounts& batch);
  // `events` in flight are durable, and `responses` went out of `attempted`. The committer's
  // thread.
  void committed(std::uint64_t events, std::uint64_t responses, std::uint64_t attempted);
  // A consistent copy. Any thread.
  [[nodiscard]] ReceptionCounts counts() const;

 private:
  base::Guarded<ReceptionCounts> counts_;
};

}  // namespace trapline::gateway
