#define OPENSSL_SUPPRESS_DEPRECATED  // see hash.h
#include "protocol/usm/hash.h"

#include <cstddef>
#include <cstdlib>

#include <openssl/crypto.h>
#include <openssl/md5.h>
#include <openssl/sha.h>

namespace trapline::protocol::usm {
namespace {

// Every state begins with its chaining words.
static_assert(offsetof(SHA_CTX, h0) == 0 && offsetof(SHA256_CTX, h) == 0 &&
              offsetof(SHA512_CTX, h) == 0);

template <class State, std::size_t kRoom>
State* as(std::array<std::byte, kRoom>& room) {
  static_assert(sizeof(State) <= kRoom && alignof(State) <= 8);
  return reinterpret_cast<State*>(room.data());
}

unsigned char* octets_of(base::MutableBytes out) {
  return reinterpret_cast<unsigned char*>(out.data());
}

}  // namespace

std::size_t hash_bytes(AuthProtocol protocol) {
  switch (protocol) {
    case AuthProtocol::none: return 0;
    case AuthProtocol::md5: return 16;
    case AuthProtocol::sha1: return 20;
    case AuthProtocol::sha224: return 28;
    case AuthProtocol::sha256: return 32;
    case AuthProtocol::sha384: return 48;
    case AuthProtocol::sha512: return 64;
  }
  return 0;
}

std::size_t hash_block_bytes(AuthProtocol protocol) {
  return protocol == AuthProtocol::sha384 || protocol == AuthProtocol::sha512 ? 128 : 64;
}

void wipe(base::MutableBytes octets) { OPENSSL_cleanse(octets.data(), octets.size()); }

Hash::Hash(AuthProtocol protocol) : protocol_(protocol) {
  switch (protocol) {
    case AuthProtocol::none: break;
    case AuthProtocol::md5: MD5_Init(as<MD5_CTX>(state_)); break;
    case AuthProtocol::sha1: SHA1_Init(as<SHA_CTX>(state_)); break;
    case AuthProtocol::sha224: SHA224_Init(as<SHA256_CTX>(state_)); break;
    case AuthProtocol::sha256: SHA256_Init(as<SHA256_CTX>(state_)); break;
    case AuthProtocol::sha384: SHA384_Init(as<SHA512_CTX>(state_)); break;
    case AuthProtocol::sha512: SHA512_Init(as<SHA512_CTX>(state_)); break;
  }
}

void Hash::update(base::Bytes octets) {
  const std::byte* const data = octets.data();
  const std::size_t size = octets.size();
  switch (protocol_) {
    case AuthProtocol::none: std::abort();
    case AuthProtocol::md5: MD5_Update(as<MD5_CTX>(state_), data, size); break;
    case AuthProtocol::sha1: SHA1_Update(as<SHA_CTX>(state_), data, size); break;
    case AuthProtocol::sha224: SHA224_Update(as<SHA256_CTX>(state_), data, size); break;
    case AuthProtocol::sha256: SHA256_Update(as<SHA256_CTX>(state_), data, size); break;
    case AuthProtocol::sha384: SHA384_Update(as<SHA512_CTX>(state_), data, size); break;
    case AuthProtocol::sha512: SHA512_Update(as<SHA512_CTX>(state_), data, size); break;
  }
}

void Hash::finish(base::MutableBytes out) {
  switch (protocol_) {
    case AuthProtocol::none: std::abort();
    case AuthProtocol::md5: MD5_Final(octets_of(out), as<MD5_CTX>(state_)); break;
    case AuthProtocol::sha1: SHA1_Final(octets_of(out), as<SHA_CTX>(state_)); break;
    case AuthProtocol::sha224: SHA224_Final(octets_of(out), as<SHA256_CTX>(state_)); break;
    case AuthProtocol::sha256: SHA256_Final(octets_of(out), as<SHA256_CTX>(state_)); break;
    case AuthProtocol::sha384: SHA384_Final(octets_of(out), as<SHA512_CTX>(state_)); break;
    case AuthProtocol::sha512: SHA512_Final(octets_of(out), as<SHA512_CTX>(state_)); break;
  }
}

}  // namespace trapline::protocol::usm
