#include "protocol/usm/keys.h"

#include <algorithm>

#include "base/undumped_buffer.h"

namespace trapline::protocol::usm {
namespace {

constexpr std::size_t kStretchedBytes = 1'048'576;  // RFC 3414 §A.2
constexpr std::size_t kStretchStepBytes = 4'096;

KeyOctets finished(Hash& hash) {
  std::array<std::byte, kMaxHashBytes> digest{};
  hash.finish(digest);
  KeyOctets key;
  key.append(base::Bytes(digest).first(hash_bytes(hash.protocol())));
  wipe(digest);
  return key;
}

// Each further part is the digest of all the key so far.
KeyOctets extended_by_blumenthal(KeyOctets key, std::size_t size, AuthProtocol auth) {
  while (key.bytes().size() < size) {
    Hash hash(auth);
    hash.update(key.bytes());
    key.append(finished(hash).bytes());
  }
  return key;
}

// Each further part is the last one taken for a password.
KeyOctets extended_by_reeder(KeyOctets key, std::size_t size, base::Bytes engine_id,
                             AuthProtocol auth) {
  KeyOctets last = key;
  while (key.bytes().size() < size) {
    last = localize(stretch(last.bytes(), auth).bytes(), engine_id, auth);
    key.append(last.bytes());
  }
  return key;
}

}  // namespace

void KeyOctets::append(base::Bytes octets) {
  const std::size_t taken = std::min(octets.size(), octets_.size() - size_);
  std::copy_n(octets.begin(), taken, octets_.begin() + static_cast<std::ptrdiff_t>(size_));
  size_ += taken;
}

void KeyOctets::truncate(std::size_t size) { size_ = std::min(size_, size); }

std::string_view name_of(KeyExtension extension) {
  return extension == KeyExtension::blumenthal ? "blumenthal" : "reeder";
}

KeyOctets stretch(base::Bytes password, AuthProtocol protocol) {
  Hash hash(protocol);
  if (password.empty()) return finished(hash);
  // The password over and over, long enough that any step of it can be cut from the front part.
  const base::UndumpedBuffer memory(password.size() + kStretchStepBytes);
  const base::MutableBytes repeated = memory.bytes();
  for (std::size_t i = 0; i < repeated.size(); ++i) {
    repeated[i] = i < password.size() ? password[i] : repeated[i - password.size()];
  }
  std::size_t at = 0;
  for (std::size_t done = 0; done < kStretchedBytes; done += kStretchStepBytes) {
    hash.update(repeated.subspan(at, kStretchStepBytes));
    at = (at + kStretchStepBytes) % password.size();
  }
  return finished(hash);
}

KeyOctets localize(base::Bytes master, base::Bytes engine_id, AuthProtocol protocol) {
  Hash hash(protocol);
  hash.update(master);
  hash.update(engine_id);
  hash.update(master);
  return finished(hash);
}

std::size_t key_bytes(PrivProtocol protocol) {
  switch (protocol) {
    case PrivProtocol::none: return 0;
    case PrivProtocol::des:
    case PrivProtocol::aes128: return 16;
    case PrivProtocol::aes192:
    case PrivProtocol::aes192c:
    case PrivProtocol::aes192_auto: return 24;
    case PrivProtocol::des3:
    case PrivProtocol::aes256:
    case PrivProtocol::aes256c:
    case PrivProtocol::aes256_auto: return 32;
  }
  return 0;
}

bool is_extended(AuthProtocol auth, PrivProtocol priv) {
  return hash_bytes(auth) < key_bytes(priv);
}

KeyExtension extension_of(PrivProtocol protocol) {
  switch (protocol) {
    case PrivProtocol::des3:
    case PrivProtocol::aes192c:
    case PrivProtocol::aes256c: return KeyExtension::reeder;
    default: return KeyExtension::blumenthal;
  }
}

bool is_auto(PrivProtocol protocol) {
  return protocol == PrivProtocol::aes192_auto || protocol == PrivProtocol::aes256_auto;
}

KeyOctets privacy_key(base::Bytes master, base::Bytes engine_id, AuthProtocol auth,
                      PrivProtocol priv, KeyExtension extension) {
  const std::size_t size = key_bytes(priv);
  KeyOctets key = localize(master, engine_id, auth);
  key = extension == KeyExtension::blumenthal ? extended_by_blumenthal(key, size, auth)
                                              : extended_by_reeder(key, size, engine_id, auth);
  key.truncate(size);
  return key;
}

}  // namespace trapline::protocol::usm
