// AuthKey: HMAC over a whole message with one localized key (RFC 3414 §6, §7; RFC 7860 §4).
#pragma once

#include "base/bytes.h"
#include "protocol/usm/hash.h"
#include "protocol/usm/protocols.h"

namespace trapline::protocol::usm {

// A localized key, kept as HMAC's two states after their first block (RFC 2104 §4): a message costs
// no hashing of the key. Copyable; to be kept in memory that is left out of core dumps. Any thread
// may sign and verify.
class AuthKey {
 public:
  AuthKey() = default;
  AuthKey(AuthProtocol protocol, base::Bytes localized_key);

  // Overwrites `digest`, which views part of `message`, with the message's digest.
  void sign(base::MutableBytes message, base::MutableBytes digest) const;
  // True when `digest`, which views part of `message`, is the message's. Any length but the
  // protocol's own is wrong. Constant time.
  [[nodiscard]] bool verify(base::Bytes message, base::Bytes digest) const;

 private:
  void compute(base::Bytes message, base::Bytes digest, base::MutableBytes out) const;

  Hash inner_;
  Hash outer_;
};

}  // namespace trapline::protocol::usm
