// Hash: the hash functions under USM's auth protocols (RFC 1321, FIPS 180-4), as states that can be
// copied.
//
// OpenSSL's digests of old are used on purpose: their state is plain memory of ours, so that a
// keyed one is copied without allocating and never reaches a core file; through EVP one HMAC of a
// trap costs a fifth more.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "protocol/usm/protocols.h"

namespace trapline::protocol::usm {

inline constexpr std::size_t kMaxHashBytes = 64;
inline constexpr std::size_t kMaxHashBlockBytes = 128;

// Octets of a whole digest: 16 for MD5 ... 64 for SHA-512; and of the blocks that are hashed.
[[nodiscard]] std::size_t hash_bytes(AuthProtocol protocol);
[[nodiscard]] std::size_t hash_block_bytes(AuthProtocol protocol);

// Overwrites octets in a way no compiler leaves out.
void wipe(base::MutableBytes octets);

// A hash under way. Copyable at any point; wiped when it dies. Not synchronised. Of `none` it must
// not be used.
class Hash {
 public:
  Hash() = default;
  explicit Hash(AuthProtocol protocol);
  Hash(const Hash&) = default;
  Hash& operator=(const Hash&) = default;
  ~Hash() { wipe(state_); }

  // Adds octets.
  void update(base::Bytes octets);
  // Writes hash_bytes(protocol) octets to the front of `out`. Nothing may follow.
  void finish(base::MutableBytes out);
  [[nodiscard]] AuthProtocol protocol() const { return protocol_; }
  // What the whole blocks taken in so far have become: the function's chaining words, in this
  // machine's order. Views this hash.
  [[nodiscard]] base::Bytes chaining_state() const { return state_; }

 private:
  static constexpr std::size_t kStateBytes = 216;

  AuthProtocol protocol_ = AuthProtocol::none;
  alignas(8) std::array<std::byte, kStateBytes> state_{};
};

}  // namespace trapline::protocol::usm
