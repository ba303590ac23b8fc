// PrivacyKey: the ciphers of a scopedPDU with one localized key: DES-CBC (RFC 3414 §8), 3DES-EDE
// (draft-reeder-snmpv3-usm-3desede-00 §5), AES-CFB128 (RFC 3826 §3).
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "protocol/usm/keys.h"
#include "protocol/usm/local_engine.h"

struct evp_cipher_ctx_st;

namespace trapline::protocol::usm {

inline constexpr std::size_t kSaltBytes = 8;
// What `decrypt` may write beyond the octets it is given.
inline constexpr std::size_t kCipherSlackBytes = 16;

using Salt = std::array<std::byte, kSaltBytes>;

// What the initialisation vector is made of, beside the key. Plain value.
struct CipherStart {
  std::int32_t boots = 0;
  std::int32_t time = 0;
  base::Bytes salt;  // msgPrivacyParameters
};

// A salt nobody has used with these counters: for DES and 3DES our boots and 32 bits of counter,
// for AES 64 bits of it.
[[nodiscard]] Salt next_salt(PrivProtocol protocol, std::int32_t boots, SaltCounters& salts);

// A key and the cipher context that holds its schedule. Move-only; not synchronised. To be kept in
// memory that is left out of core dumps (OpenSSL's part: keep_keys_out_of_dumps).
class PrivacyKey {
 public:
  PrivacyKey() = default;
  // `key` has key_bytes(protocol) octets.
  PrivacyKey(PrivProtocol protocol, base::Bytes key);
  PrivacyKey(PrivacyKey&& other) noexcept = default;
  PrivacyKey& operator=(PrivacyKey&& other) noexcept = default;
  ~PrivacyKey();

  // True when there is a key.
  [[nodiscard]] explicit operator bool() const { return context_ != nullptr; }
  // Decrypts into the front of `out`, which has kCipherSlackBytes more room. False when the salt
  // or, for DES, the length is none the cipher can have.
  [[nodiscard]] bool decrypt(base::Bytes ciphertext, const CipherStart& start,
                             base::MutableBytes out);
  // Octets that `plain_bytes` octets become: DES pads to whole blocks.
  [[nodiscard]] std::size_t cipher_bytes(std::size_t plain_bytes) const;
  // Encrypts into `out`, which has cipher_bytes(plaintext.size()). The salt has kSaltBytes.
  void encrypt(base::Bytes plaintext, const CipherStart& start, base::MutableBytes out);

 private:
  struct FreeContext {
    void operator()(evp_cipher_ctx_st* context) const;
  };
  static constexpr std::size_t kTripleKeyBytes = 24;

  void decrypt_cfb(base::Bytes ciphertext, const CipherStart& start, base::MutableBytes out);
  void encrypt_cfb(base::Bytes plaintext, const CipherStart& start, base::MutableBytes out);
  void run_cbc(bool encrypting, base::Bytes in, base::Bytes salt, base::MutableBytes out);

  bool is_aes_ = false;
  std::unique_ptr<evp_cipher_ctx_st, FreeContext> context_;
  // DES alone: the key, three times over for plain DES, and the pre-IV.
  std::array<std::byte, kTripleKeyBytes> des_key_{};
  Salt pre_iv_{};
};

}  // namespace trapline::protocol::usm
