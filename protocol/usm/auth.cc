// RFC 3414 §6.3, RFC 7860 §4.2: HMAC of the whole message with zeros in the digest's place, cut to
// the protocol's length.

#include "protocol/usm/auth.h"

#include <algorithm>

#include <openssl/crypto.h>

namespace trapline::protocol::usm {
namespace {

constexpr std::byte kInnerPad{0x36};
constexpr std::byte kOuterPad{0x5c};

// A hash that has taken in the key, which has less than a block, under a pad.
Hash keyed(AuthProtocol protocol, base::Bytes key, std::byte pad) {
  std::array<std::byte, kMaxHashBlockBytes> block;
  block.fill(pad);
  for (std::size_t i = 0; i < key.size(); ++i) block[i] ^= key[i];
  Hash hash(protocol);
  hash.update(base::Bytes(block).first(hash_block_bytes(protocol)));
  wipe(block);
  return hash;
}

}  // namespace

AuthKey::AuthKey(AuthProtocol protocol, base::Bytes localized_key)
    : inner_(keyed(protocol, localized_key, kInnerPad)),
      outer_(keyed(protocol, localized_key, kOuterPad)) {}

void AuthKey::compute(base::Bytes message, base::Bytes digest, base::MutableBytes out) const {
  static constexpr std::array<std::byte, kMaxHashBytes> kZeros{};
  const auto at = static_cast<std::size_t>(digest.data() - message.data());
  Hash hash = inner_;
  hash.update(message.first(at));
  hash.update(base::Bytes(kZeros).first(digest.size()));
  hash.update(message.subspan(at + digest.size()));
  hash.finish(out);
  hash = outer_;
  hash.update(out.first(hash_bytes(outer_.protocol())));
  hash.finish(out);
}

void AuthKey::sign(base::MutableBytes message, base::MutableBytes digest) const {
  std::array<std::byte, kMaxHashBytes> whole{};
  compute(message, digest, whole);
  std::copy_n(whole.begin(), digest.size(), digest.begin());
}

bool AuthKey::verify(base::Bytes message, base::Bytes digest) const {
  if (digest.empty() || digest.size() != digest_bytes(protocol())) return false;
  std::array<std::byte, kMaxHashBytes> expected{};
  compute(message, digest, expected);
  return accepts(expected, digest);
}

bool AuthKey::accepts(base::Bytes whole, base::Bytes digest) const {
  return !digest.empty() && digest.size() == digest_bytes(protocol()) &&
         CRYPTO_memcmp(whole.data(), digest.data(), digest.size()) == 0;
}

}  // namespace trapline::protocol::usm
