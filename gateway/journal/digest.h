// What tells one inform from another, so that a resent one is answered and not stored again.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/ip_address.h"
#include "gateway/journal/event_record.h"
#include "protocol/trap_message.h"

namespace trapline::gateway::journal {

// The digest of an inform: its source address (not the port), version, who sent it and its plaintext PDU,
// request-id and sysUpTime included; neither msgID nor ciphertext, which a resend changes. XXH3-128 under a
// secret `seed`, so that nobody can aim for a collision. Never {0, 0}. Pure.
[[nodiscard]] InformDigest inform_digest(const protocol::TrapMessage& message, base::Bytes pdu, std::uint64_t seed);

}  // namespace trapline::gateway::journal
