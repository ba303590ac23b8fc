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
  // The rest of `verify`, where `whole` is the hash of the message that was computed elsewhere.
  [[nodiscard]] bool accepts(base::Bytes whole, base::Bytes digest) const;

  [[nodiscard]] AuthProtocol protocol() const { return inner_.protocol(); }
  // HMAC's states after the key's block, as Hash::chaining_state gives them. View this key.
  [[nodiscard]] base::Bytes inner_state() const { return inner_.chaining_state(); }
  [[nodiscard]] base::Bytes outer_state() const { return outer_.chaining_state(); }

 private:
  void compute(base::Bytes message, base::Bytes digest, base::MutableBytes out) const;

  Hash inner_;
  Hash outer_;
};

}  // namespace trapline::protocol::usm
