#include "protocol/usm/protocols.h"

#include <array>
#include <string>
#include <utility>

#include "protocol/usm/protocol_names.h"

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

// By protocol.
constexpr std::array<std::string_view, 7> kAuthNames = {"none",   "md5",    "sha1",  "sha224",
                                                        "sha256", "sha384", "sha512"};
constexpr std::array<std::string_view, 10> kPrivNames = {
    "none",   "des",     "3des",    "aes128",      "aes192",
    "aes256", "aes192c", "aes256c", "aes192-auto", "aes256-auto"};
static_assert(static_cast<std::size_t>(AuthProtocol::sha512) + 1 == kAuthNames.size());
static_assert(static_cast<std::size_t>(PrivProtocol::aes256_auto) + 1 == kPrivNames.size());

// What they are called elsewhere, plain.
constexpr std::array kOtherAuthNames = {std::pair{"sha", AuthProtocol::sha1}};
constexpr std::array kOtherPrivNames = {std::pair{"des3", PrivProtocol::des3},
                                        std::pair{"aes", PrivProtocol::aes128}};

template <class Protocol, class Names, class OtherNames>
std::optional<Protocol> protocol_named(std::string_view name, const Names& names,
                                       const OtherNames& others) {
  const std::string wanted = plain(name);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (wanted == plain(names[i])) return static_cast<Protocol>(i);
  }
  for (const auto& [known, protocol] : others) {
    if (wanted == known) return protocol;
  }
  return std::nullopt;
}

}  // namespace

std::string_view name_of(AuthProtocol protocol) {
  return kAuthNames[static_cast<std::size_t>(protocol)];
}

std::string_view name_of(PrivProtocol protocol) {
  return kPrivNames[static_cast<std::size_t>(protocol)];
}

std::span<const std::string_view> auth_protocol_names() { return std::span(kAuthNames).subspan(1); }

std::span<const std::string_view> priv_protocol_names() { return std::span(kPrivNames).subspan(1); }

std::optional<AuthProtocol> auth_protocol_named(std::string_view name) {
  return protocol_named<AuthProtocol>(name, kAuthNames, kOtherAuthNames);
}

std::optional<PrivProtocol> priv_protocol_named(std::string_view name) {
  return protocol_named<PrivProtocol>(name, kPrivNames, kOtherPrivNames);
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
