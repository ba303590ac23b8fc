// Keys: from the Ku of a password to the localized keys of one engine (RFC 3414 §2.6, §A.2; key
// extensions: draft-blumenthal-aes-usm-04 §3.1.2.1, draft-reeder-snmpv3-usm-3desede-00 §2.1).
#pragma once

#include <array>
#include <string_view>

#include "base/bytes.h"
#include "protocol/usm/hash.h"
#include "protocol/usm/protocols.h"

namespace trapline::protocol::usm {

// A key on its way, wiped when it dies. Up to kMaxHashBytes octets.
class KeyOctets {
 public:
  KeyOctets() = default;
  KeyOctets(const KeyOctets&) = default;
  KeyOctets& operator=(const KeyOctets&) = default;
  ~KeyOctets() { wipe(octets_); }

  [[nodiscard]] base::Bytes bytes() const { return base::Bytes(octets_).first(size_); }
  // Appends octets; what does not fit is left out.
  void append(base::Bytes octets);
  // Shortens it to `size` octets, when it has more.
  void truncate(std::size_t size);

 private:
  std::array<std::byte, kMaxHashBytes> octets_{};
  std::size_t size_ = 0;
};

// How a localized key becomes longer than its digest.
enum class KeyExtension : std::uint8_t { blumenthal, reeder };
// "blumenthal", "reeder".
[[nodiscard]] std::string_view name_of(KeyExtension extension);

// The digest of `password` repeated to 1,048,576 octets, which is Ku. About a millisecond.
[[nodiscard]] KeyOctets stretch(base::Bytes password, AuthProtocol protocol);
// Kul: the digest of Ku, the engineID, and Ku again.
[[nodiscard]] KeyOctets localize(base::Bytes master, base::Bytes engine_id, AuthProtocol protocol);

// Octets of key that a protocol takes: 16 of DES (8 of key, 8 of pre-IV), 32 of 3DES (24 and 8).
[[nodiscard]] std::size_t key_bytes(PrivProtocol protocol);
// True when the digest is shorter than the key, so that the extension matters.
[[nodiscard]] bool is_extended(AuthProtocol auth, PrivProtocol priv);
// The extension a protocol names; of `_auto` the one to begin with.
[[nodiscard]] KeyExtension extension_of(PrivProtocol protocol);
// True when either extension may be meant.
[[nodiscard]] bool is_auto(PrivProtocol protocol);

// The localized privacy key. Reeder's extension stretches once more for each further digest: about
// a millisecond, so never for a message that is not authentic.
[[nodiscard]] KeyOctets privacy_key(base::Bytes master, base::Bytes engine_id, AuthProtocol auth,
                                    PrivProtocol priv, KeyExtension extension);

}  // namespace trapline::protocol::usm
