#include "protocol/usm/protocols.h"

#include <array>
#include <string>
#include <utility>

namespace trapline::protocol::usm {
namespace {

// Lower case, without the hyphens and underscores that everybody puts elsewhere.
std::string plain(std::string_view name) {
  std::string out;
  for (const char letter : name) {
    if (letter == '-' || letter == '_') continue;
    out.push_back(letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter);
  }
  return out;
}

constexpr std::array kAuthNames = {
    std::pair{"none", AuthProtocol::none},     std::pair{"md5", AuthProtocol::md5},
    std::pair{"sha", AuthProtocol::sha1},      std::pair{"sha1", AuthProtocol::sha1},
    std::pair{"sha224", AuthProtocol::sha224}, std::pair{"sha256", AuthProtocol::sha256},
    std::pair{"sha384", AuthProtocol::sha384}, std::pair{"sha512", AuthProtocol::sha512},
};

constexpr std::array kPrivNames = {
    std::pair{"none", PrivProtocol::none},
    std::pair{"des", PrivProtocol::des},
    std::pair{"3des", PrivProtocol::des3},
    std::pair{"des3", PrivProtocol::des3},
    std::pair{"aes", PrivProtocol::aes128},
    std::pair{"aes128", PrivProtocol::aes128},
    std::pair{"aes192", PrivProtocol::aes192},
    std::pair{"aes256", PrivProtocol::aes256},
    std::pair{"aes192c", PrivProtocol::aes192c},
    std::pair{"aes256c", PrivProtocol::aes256c},
    std::pair{"aes192auto", PrivProtocol::aes192_auto},
    std::pair{"aes256auto", PrivProtocol::aes256_auto},
};

}  // namespace

std::string_view name_of(AuthProtocol protocol) {
  switch (protocol) {
    case AuthProtocol::none: return "none";
    case AuthProtocol::md5: return "md5";
    case AuthProtocol::sha1: return "sha1";
    case AuthProtocol::sha224: return "sha224";
    case AuthProtocol::sha256: return "sha256";
    case AuthProtocol::sha384: return "sha384";
    case AuthProtocol::sha512: return "sha512";
  }
  return "unknown";
}

std::string_view name_of(PrivProtocol protocol) {
  switch (protocol) {
    case PrivProtocol::none: return "none";
    case PrivProtocol::des: return "des";
    case PrivProtocol::des3: return "3des";
    case PrivProtocol::aes128: return "aes128";
    case PrivProtocol::aes192: return "aes192";
    case PrivProtocol::aes256: return "aes256";
    case PrivProtocol::aes192c: return "aes192c";
    case PrivProtocol::aes256c: return "aes256c";
    case PrivProtocol::aes192_auto: return "aes192-auto";
    case PrivProtocol::aes256_auto: return "aes256-auto";
  }
  return "unknown";
}

std::optional<AuthProtocol> auth_protocol_named(std::string_view name) {
  const std::string wanted = plain(name);
  for (const auto& [known, protocol] : kAuthNames) {
    if (wanted == known) return protocol;
  }
  return std::nullopt;
}

std::optional<PrivProtocol> priv_protocol_named(std::string_view name) {
  const std::string wanted = plain(name);
  for (const auto& [known, protocol] : kPrivNames) {
    if (wanted == known) return protocol;
  }
  return std::nullopt;
}

std::size_t digest_bytes(AuthProtocol protocol) {
  switch (protocol) {
    case AuthProtocol::none: return 0;
    case AuthProtocol::md5:
    case AuthProtocol::sha1: return 12;
    case AuthProtocol::sha224: return 16;
    case AuthProtocol::sha256: return 24;
    case AuthProtocol::sha384: return 32;
    case AuthProtocol::sha512: return 48;
  }
  return 0;
}

}  // namespace trapline::protocol::usm
