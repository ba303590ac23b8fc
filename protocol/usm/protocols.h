// The authentication and privacy protocols of USM (RFC 3414, RFC 3826, RFC 7860) and the names by
// which they are configured.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace trapline::protocol::usm {

enum class AuthProtocol : std::uint8_t { none, md5, sha1, sha224, sha256, sha384, sha512 };

// 192 and 256 bits need more key than some digests give. Two extensions are in use: Blumenthal's
// (aes192, aes256) and Reeder's, used by Cisco (aes192c, aes256c); `_auto` tries both.
enum class PrivProtocol : std::uint8_t {
  none,
  des,
  des3,
  aes128,
  aes192,
  aes256,
  aes192c,
  aes256c,
  aes192_auto,
  aes256_auto,
};

inline constexpr std::size_t kMinPasswordBytes = 8;  // RFC 3414 §11.2

// "sha256", "aes192-auto", ... ; "none".
[[nodiscard]] std::string_view name_of(AuthProtocol protocol);
[[nodiscard]] std::string_view name_of(PrivProtocol protocol);
// The protocol of a configured name, also as net-snmp spells it (SHA, SHA-256, AES, AES-192-C; case
// does not matter). Nothing when there is none.
[[nodiscard]] std::optional<AuthProtocol> auth_protocol_named(std::string_view name);
[[nodiscard]] std::optional<PrivProtocol> priv_protocol_named(std::string_view name);
// Octets of msgAuthenticationParameters: 12, 12, 16, 24, 32, 48; 0 for none.
[[nodiscard]] std::size_t digest_bytes(AuthProtocol protocol);

}  // namespace trapline::protocol::usm
