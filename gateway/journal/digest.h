// What tells one inform from another, so that a resent one is answered and not stored again.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/ip_address.h"
#include "gateway/journal/event_record.h"
#include "protocol/trap_message.h"

namespace trapline::gateway::journal {

// The digest of an inform: its source address (not the port), version, who sent it and its
// plaintext PDU, request-id and sysUpTime included; neither msgID nor ciphertext, which a resend
// changes. XXH3-128 under a secret `seed`, so that nobody can aim for a collision. Never {0, 0}:
// the lowest bit of `low` is set. The seven bits above it depend on the source address alone, to
// share a table out among sources. Pure.
[[nodiscard]] InformDigest inform_digest(const protocol::TrapMessage& message, base::Bytes pdu,
                                         std::uint64_t seed);
// The digest of any octets, likewise. Pure.
[[nodiscard]] InformDigest content_digest(base::Bytes content, std::uint64_t seed);
// Those seven bits.
[[nodiscard]] constexpr std::size_t source_share(const InformDigest& digest) {
  return (digest.low >> 1) & 0x7f;
}

}  // namespace trapline::gateway::journal
