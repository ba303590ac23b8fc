// V3Trace: what was learned of a v3 message, however it ended: for logs, counters and `explain`.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "protocol/trap_message.h"

namespace trapline::protocol::usm {

// The step of RFC 3412 §7.2 and RFC 3414 §3.2 at which a message was turned away, in the order they
// are taken.
enum class V3Refusal : std::uint8_t {
  none,
  discovery,                // a probe: no engineID, or one of illegal length
  unknown_engine,           // wants an answer, and asks another engine
  unknown_user,             // no such user configured
  unsupported_level,        // the user has no keys for the level asked for
  level_too_low,            // below the user's least level
  engine_not_allowed,       // the user is pinned to other engines
  wrong_digest,             // none of the user's passwords
  not_in_time_window,       // too old, replayed, or the sender's boots went back
  decryption_failed,        // a salt or length the cipher cannot have
  unreadable_plaintext,     // decrypts to no scopedPDU: a wrong privacy password
  inform_for_other_engine,  // an inform must name our engine
};
inline constexpr int kV3RefusalCount = 12;

// "wrong_digest", ... as counters, logs and `explain` show it.
[[nodiscard]] std::string_view name_of(V3Refusal refusal);

// Views the datagram and the Inbound that filled it; valid until its next message.
struct V3Trace {
  bool seen = false;  // a v3 header was read; all below is meaningless otherwise
  std::int32_t msg_id = 0;
  std::int32_t max_size = 0;
  std::uint8_t flags = 0;  // msgFlags: 1 auth, 2 priv, 4 reportable
  std::int32_t security_model = 0;
  base::Bytes engine_id;  // msgAuthoritativeEngineID
  bool engine_is_ours = false;
  std::int32_t boots = 0;
  std::int32_t time = 0;
  std::string_view user;  // as it stood on the wire: not text to be trusted
  SecurityLevel level = SecurityLevel::no_auth_no_priv;
  std::size_t digest_size = 0;  // octets of msgAuthenticationParameters

  V3Refusal refusal = V3Refusal::none;
  bool authenticated = false;
  int password = 0;             // which of the user's pairs fitted, from 0
  std::string_view key_scheme;  // "blumenthal" or "reeder" where an `_auto` protocol chose

  // A Report to be sent back, whole; empty when none is due. Whether it answers an authenticated
  // message, which no budget should hold back.
  base::Bytes report;
  bool report_is_authenticated = false;
};

}  // namespace trapline::protocol::usm
