// MessageWriter: whole v3 messages, encrypted and signed (RFC 3412 §7.1, RFC 3414 §3.1).
#pragma once

#include "base/bytes.h"
#include "base/undumped_buffer.h"
#include "protocol/usm/local_engine.h"
#include "protocol/usm/security_parameters.h"
#include "protocol/usm/user_keys.h"
#include "protocol/v3_message.h"

namespace trapline::protocol::usm {

// What a message is made of. Plain value; views what it was made from.
struct OutgoingMessage {
  V3Header header;              // its flags say the level
  SecurityParameters security;  // without digest and salt, which the writer adds
  ScopedPduFields scoped;
};

// Room for one message, reused. Not synchronised. Allocates nothing per message.
class MessageWriter {
 public:
  explicit MessageWriter(SaltCounters& salts);

  // The message, or nothing when it is longer than a datagram. `keys` are those of the message's
  // user at its authoritative engine; null without authentication. Valid until the next call.
  [[nodiscard]] base::Bytes write(const OutgoingMessage& message, UserKeys* keys);

 private:
  // Puts the encrypted scopedPDU in front; returns the salt.
  Salt put_encrypted(const OutgoingMessage& message, PrivacyKey& key, PrivProtocol protocol,
                     BerBackWriter& writer);

  SaltCounters& salts_;
  base::UndumpedBuffer room_;
  base::UndumpedBuffer plain_;
};

}  // namespace trapline::protocol::usm
