// EVENT payload: a notification as it was accepted, complete enough to be decoded again at any
// later time.
//
//   0 u8 version  1 u8 security level  2 u8 agent via  3 u8 pdu kind  4 u32 tolerances
//   8 u16 peer port  10 u16 local port  12 i32 msgID  16 peer ip  32 local ip  48 agent ip
//   64 u64 inform digest low, 72 high (0 for traps)
//   80 u16 PDU bytes, 82 u8 lengths: listener, community name, security name, engine id, context
//   engine id, context name (six octets, to 88), then those octets in that order, then (v3 only)
//   i32 engine boots, i32 engine time, then the plaintext PDU.
// Never a community's text: `community` is its configured name.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "gateway/journal/engine_record.h"
#include "gateway/journal/record.h"
#include "protocol/decode.h"
#include "protocol/trap_message.h"

namespace trapline::gateway::journal {

// 128 bits that tell informs apart; {0, 0} for a trap.
struct InformDigest {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  friend bool operator==(const InformDigest&, const InformDigest&) = default;
  friend auto operator<=>(const InformDigest&, const InformDigest&) = default;
};

// Octets that `encode_event` will write.
[[nodiscard]] std::size_t event_bytes(const protocol::TrapMessage& message, base::Bytes pdu);
// Writes the payload into `out`, which has exactly event_bytes(); returns where in it the PDU's
// copy stands.
base::MutableBytes encode_event(const protocol::TrapMessage& message, base::Bytes pdu,
                                const InformDigest& digest, base::MutableBytes out);
// Reads a record back into the message that was accepted; it views `record.payload` and `scratch`.
// False when the payload is not an EVENT's: the record is then counted as damaged.
[[nodiscard]] bool decode_event(const RecordView& record, protocol::DecodeScratch& scratch,
                                protocol::TrapMessage& message);
// An EVENT as rules and synthetic OUTCOMEs keep it: i64 received, then its payload. Replaces `out`.
void encode_kept_event(const RecordView& record, std::vector<std::byte>& out);
// The record that was kept; nothing of its place in the log is known. It views `kept`.
[[nodiscard]] std::optional<RecordView> kept_record(base::Bytes kept);
// The digest of a payload; {0, 0} for traps and for payloads too short to hold one.
[[nodiscard]] InformDigest event_digest(base::Bytes payload);
// What an EVENT says of a remote engine's boots and time: nothing unless it is an authenticated v3
// trap, whose sender is authoritative. Views the payload.
[[nodiscard]] std::optional<RecordedEngine> event_engine(const RecordView& record);

}  // namespace trapline::gateway::journal
