// RFC 3414 §8.1.1, RFC 3826 §3.1.
//
//   DES, 3DES  IV = pre-IV ⊕ salt; salt = boots (4 octets) ‖ counter (4)
//   AES        IV = boots (4) ‖ time (4) ‖ salt (8)
//
// DES under key K is EDE3 under K ‖ K ‖ K, which spares OpenSSL's legacy provider. CFB needs only
// the forward cipher: a whole message is decrypted by one ECB call over the IV and the ciphertext.

#include "protocol/usm/privacy.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <openssl/evp.h>

namespace trapline::protocol::usm {
namespace {

constexpr std::size_t kAesBlockBytes = 16;
constexpr std::size_t kDesBlockBytes = 8;
using AesBlock = std::array<std::byte, kAesBlockBytes>;

// Fetched once: looking an algorithm up costs more than using it.
const EVP_CIPHER* fetched(const char* name) {
  const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, name, nullptr);
  if (cipher == nullptr) std::abort();  // no OpenSSL is without them
  return cipher;
}

const EVP_CIPHER* cipher_of(PrivProtocol protocol) {
  static const EVP_CIPHER* const des3 = fetched("DES-EDE3-CBC");
  static const EVP_CIPHER* const aes128 = fetched("AES-128-ECB");
  static const EVP_CIPHER* const aes192 = fetched("AES-192-ECB");
  static const EVP_CIPHER* const aes256 = fetched("AES-256-ECB");
  if (protocol == PrivProtocol::des || protocol == PrivProtocol::des3) return des3;
  switch (key_bytes(protocol)) {
    case 16: return aes128;
    case 24: return aes192;
    default: return aes256;
  }
}

const unsigned char* in_octets(base::Bytes octets) {
  return reinterpret_cast<const unsigned char*>(octets.data());
}
unsigned char* out_octets(base::MutableBytes octets) {
  return reinterpret_cast<unsigned char*>(octets.data());
}

void put_big_endian(std::uint64_t number, base::MutableBytes out) {
  for (std::size_t i = out.size(); i > 0; --i, number >>= 8) out[i - 1] = std::byte(number & 0xff);
}

AesBlock aes_start(const CipherStart& start) {
  AesBlock iv{};
  const base::MutableBytes octets(iv);
  put_big_endian(static_cast<std::uint32_t>(start.boots), octets.subspan(0, 4));
  put_big_endian(static_cast<std::uint32_t>(start.time), octets.subspan(4, 4));
  std::copy(start.salt.begin(), start.salt.end(), iv.begin() + 8);
  return iv;
}

// `out` = a ⊕ b, as many octets as `a` has, word by word: `out` may be either of them.
void exclusive_or(base::Bytes a, base::Bytes b, std::byte* out) {
  std::size_t i = 0;
  for (std::uint64_t x = 0, y = 0; i + sizeof x <= a.size(); i += sizeof x) {
    std::memcpy(&x, a.data() + i, sizeof x);
    std::memcpy(&y, b.data() + i, sizeof y);
    x ^= y;
    std::memcpy(out + i, &x, sizeof x);
  }
  for (; i < a.size(); ++i) out[i] = a[i] ^ b[i];
}

void forward_cipher(EVP_CIPHER_CTX* context, base::MutableBytes blocks) {
  int written = 0;
  if (EVP_EncryptUpdate(context, out_octets(blocks), &written, in_octets(blocks),
                        static_cast<int>(blocks.size())) != 1) {
    std::abort();  // only a caller's mistake makes a block cipher fail
  }
}

}  // namespace

Salt next_salt(PrivProtocol protocol, std::int32_t boots, SaltCounters& salts) {
  Salt salt{};
  const base::MutableBytes octets(salt);
  if (protocol == PrivProtocol::des || protocol == PrivProtocol::des3) {
    put_big_endian(static_cast<std::uint32_t>(boots), octets.first(4));
    put_big_endian(salts.des.fetch_add(1, std::memory_order_relaxed), octets.subspan(4));
  } else {
    put_big_endian(salts.aes.fetch_add(1, std::memory_order_relaxed), octets);
  }
  return salt;
}

void PrivacyKey::FreeContext::operator()(evp_cipher_ctx_st* context) const {
  EVP_CIPHER_CTX_free(context);
}

PrivacyKey::PrivacyKey(PrivProtocol protocol, base::Bytes key)
    : is_aes_(protocol != PrivProtocol::des && protocol != PrivProtocol::des3),
      context_(EVP_CIPHER_CTX_new()) {
  if (context_ == nullptr) std::abort();
  const unsigned char* schedule = in_octets(key);
  if (!is_aes_) {
    const std::size_t size = protocol == PrivProtocol::des ? kDesBlockBytes : kTripleKeyBytes;
    for (std::size_t i = 0; i < des_key_.size(); ++i) des_key_[i] = key[i % size];
    std::copy_n(key.begin() + static_cast<std::ptrdiff_t>(size), pre_iv_.size(), pre_iv_.begin());
    schedule = in_octets(des_key_);
  }
  if (EVP_EncryptInit_ex2(context_.get(), cipher_of(protocol), schedule, nullptr, nullptr) != 1) {
    std::abort();
  }
  EVP_CIPHER_CTX_set_padding(context_.get(), 0);
}

PrivacyKey::~PrivacyKey() {
  wipe(des_key_);
  wipe(pre_iv_);
}

bool PrivacyKey::decrypt(base::Bytes ciphertext, const CipherStart& start, base::MutableBytes out) {
  if (start.salt.size() != kSaltBytes) return false;
  if (is_aes_) {
    decrypt_cfb(ciphertext, start, out);
    return true;
  }
  if (ciphertext.empty() || ciphertext.size() % kDesBlockBytes != 0) return false;
  run_cbc(false, ciphertext, start.salt, out);
  return true;
}

std::size_t PrivacyKey::cipher_bytes(std::size_t plain_bytes) const {
  if (is_aes_) return plain_bytes;
  return (plain_bytes + kDesBlockBytes - 1) / kDesBlockBytes * kDesBlockBytes;
}

void PrivacyKey::encrypt(base::Bytes plaintext, const CipherStart& start, base::MutableBytes out) {
  if (is_aes_) return encrypt_cfb(plaintext, start, out);
  std::fill(std::copy(plaintext.begin(), plaintext.end(), out.begin()), out.end(), std::byte{0});
  run_cbc(true, out, start.salt, out);
}

void PrivacyKey::decrypt_cfb(base::Bytes ciphertext, const CipherStart& start,
                             base::MutableBytes out) {
  if (ciphertext.empty()) return;
  const std::size_t blocks = (ciphertext.size() + kAesBlockBytes - 1) / kAesBlockBytes;
  const AesBlock iv = aes_start(start);
  std::copy(iv.begin(), iv.end(), out.begin());
  std::copy_n(ciphertext.begin(), (blocks - 1) * kAesBlockBytes, out.begin() + kAesBlockBytes);
  forward_cipher(context_.get(), out.first(blocks * kAesBlockBytes));
  exclusive_or(ciphertext, out, out.data());
}

void PrivacyKey::encrypt_cfb(base::Bytes plaintext, const CipherStart& start,
                             base::MutableBytes out) {
  AesBlock block = aes_start(start);
  for (std::size_t at = 0; at < plaintext.size(); at += kAesBlockBytes) {
    forward_cipher(context_.get(), block);
    const auto part = plaintext.subspan(at, std::min(kAesBlockBytes, plaintext.size() - at));
    exclusive_or(part, block, out.data() + at);
    std::copy_n(out.begin() + static_cast<std::ptrdiff_t>(at), part.size(), block.begin());
  }
  wipe(block);
}

void PrivacyKey::run_cbc(bool encrypting, base::Bytes in, base::Bytes salt,
                         base::MutableBytes out) {
  std::array<std::byte, kDesBlockBytes> iv{};
  exclusive_or(salt, pre_iv_, iv.data());
  int written = 0;
  if (EVP_CipherInit_ex2(context_.get(), nullptr, in_octets(des_key_), in_octets(iv),
                         encrypting ? 1 : 0, nullptr) != 1 ||
      EVP_CipherUpdate(context_.get(), out_octets(out), &written, in_octets(in),
                       static_cast<int>(in.size())) != 1) {
    std::abort();
  }
}

}  // namespace trapline::protocol::usm
