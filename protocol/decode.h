// From a UDP payload to a notification: the entry point of this folder.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "protocol/decode_error.h"
#include "protocol/trap_message.h"

namespace trapline::protocol {

namespace usm {
class Inbound;
}  // namespace usm

inline constexpr std::size_t kMaxDatagramBytes = 65'527;
inline constexpr std::uint16_t kDefaultMaxVarbinds = 256;
inline constexpr std::uint16_t kHighestMaxVarbinds = 4'096;
inline constexpr std::size_t kMaxCommunityBytes = 255;

// Working memory of one decoding thread. Reused from message to message; after the first few,
// decoding allocates nothing. What a message views in it is valid until the next decode.
class DecodeScratch {
 public:
  DecodeScratch();

  std::vector<VarBind> raw_varbinds;
  std::vector<VarBind> varbinds;  // used only when the standard two do not come first
  // OIDs rewritten because they were padded; never reallocated in use.
  std::vector<std::byte> canonical;
};

// A decoded message (RFC 1157 §4, RFC 1901 §3, RFC 3412 §6).
struct Decoded {
  TrapMessage message;
  base::Bytes community;  // for access control only; views the datagram; empty in v3
  // The whole PDU, tag and length included; views the datagram, or the Inbound that decrypted it.
  base::Bytes pdu;
};

// Decodes one UDP payload into a notification (RFC 1157 §4, RFC 1901, RFC 3416 §3, RFC 3584 §3.1).
//
// Pure: reads no clock and no socket. Thread-safe: any thread may call with its own `scratch`. The
// result views `datagram` and `scratch`; both must outlive it. Fields that reception or access fill
// are left at their defaults.
//
// Fails with DecodeError{kind, offset}: `offset` is the first byte that could not be accepted. A
// failure never reads past `datagram` and costs at most O(datagram.size()).
[[nodiscard]] base::Result<Decoded, DecodeError> decode(base::Bytes datagram,
                                                        std::uint16_t max_varbinds,
                                                        DecodeScratch& scratch);

// The same for all three versions. v3 goes through `v3`, whose trace then says how far a message
// came; its refusals are errors of kind usm_refused, and so are an inform for another engine and
// plaintext that cannot be read. Without `v3`, or without users, v3 is an unsupported version. The
// result views `v3` too, until its next message. `now` is the arrival.
//
// An error's offset behind a decryption counts as if the plaintext stood in the ciphertext's place.
[[nodiscard]] base::Result<Decoded, DecodeError> decode(base::Bytes datagram,
                                                        std::uint16_t max_varbinds,
                                                        DecodeScratch& scratch, usm::Inbound* v3,
                                                        base::BootTime now);

// Decodes a PDU that stood in an accepted message, as the journal keeps it: `decode` from the PDU
// on. `version` is the message's. Same contract; offsets count from the PDU's first byte.
[[nodiscard]] base::Result<TrapMessage, DecodeError> decode_pdu(base::Bytes pdu, Version version,
                                                                std::uint16_t max_varbinds,
                                                                DecodeScratch& scratch);

}  // namespace trapline::protocol
