// What must hold of USM for any input: checked by the fuzzer and, on its seeds, by the tests.
//
// The input is a v3 message with its scopedPDU in the clear, even under the privacy flag, and any
// digest. With the keys of the user it names it is encrypted and signed here, so that mutations
// reach what stands behind the authentication. What names no user goes in as it is.
#pragma once

#include <optional>

#include "protocol/usm/inbound.h"
#include "protocol/usm/originator.h"
#include "protocol/usm/security_parameters.h"
#include "protocol/usm/user_keys.h"
#include "protocol/v3_message.h"
#include "tests/fuzz/decode_invariants.h"

namespace trapline::fuzz {

namespace usm = protocol::usm;

inline constexpr base::BootTime kFuzzNow{std::chrono::seconds(10'500)};

// A user whose keys are not of passwords, which would take a millisecond.
inline usm::UsmUser fuzz_user(std::string name, usm::AuthProtocol auth, usm::PrivProtocol priv) {
  const std::string key(usm::hash_bytes(auth), 'k');
  usm::UsmUser user;
  user.name = std::move(name);
  user.auth = auth;
  user.priv = priv;
  user.keys.push_back({.auth = base::Secret(key), .priv = base::Secret(key)});
  return user;
}

// All who may have sent the input.
inline const usm::UserTable& fuzz_users() {
  static const usm::UserTable table = [] {
    std::vector<usm::UsmUser> users;
    users.push_back(fuzz_user("aes", usm::AuthProtocol::sha256, usm::PrivProtocol::aes128));
    users.push_back(fuzz_user("auto", usm::AuthProtocol::sha256, usm::PrivProtocol::aes256_auto));
    users.push_back(fuzz_user("des", usm::AuthProtocol::md5, usm::PrivProtocol::des));
    users.push_back(fuzz_user("none", usm::AuthProtocol::none, usm::PrivProtocol::none));
    users.push_back(fuzz_user("sha512", usm::AuthProtocol::sha512, usm::PrivProtocol::des3));
    users[0].relaxed_time = true;
    return usm::UserTable(std::move(users));
  }();
  return table;
}

// One receiver for all inputs, as a gateway is.
struct FuzzReceiver {
  usm::LocalEngine engine{
      {std::byte{0x80}, std::byte{0}, std::byte{0}, std::byte{0}, std::byte{1}, std::byte{2},
       std::byte{3}, std::byte{4}, std::byte{5}, std::byte{6}, std::byte{7}, std::byte{8}},
      3,
      base::BootTime(std::chrono::seconds(10'000))};
  usm::EngineTable engines{16};
  usm::SaltCounters salts;
  usm::UsmStats stats;
  usm::Inbound inbound{{fuzz_users(), engine, engines, salts, stats}};
  protocol::DecodeScratch scratch;
};

// The parts of `octets` that are encrypted and signed.
struct SecuredParts {
  protocol::V3Message message;
  usm::SecurityParameters security;
  Bytes data;
};

// Takes a message apart; nothing when there is none to take.
inline std::optional<SecuredParts> secured_parts(Bytes octets) {
  std::vector<std::byte> room;
  protocol::BerContext context(octets, room);
  SecuredParts parts;
  bool has_header = false;
  protocol::Element data;
  if (!read_v3_message(octets, context, parts.message, has_header) ||
      !read_security_parameters(parts.message.security_parameters, context, parts.security) ||
      !protocol::BerReader(parts.message.data, context).read_any(data)) {
    return std::nullopt;
  }
  parts.data = data.content;
  return parts;
}

// The same octets of a copy.
inline base::MutableBytes part_of(std::vector<std::byte>& copy, Bytes whole, Bytes part) {
  if (part.empty()) return {};
  return base::MutableBytes(copy).subspan(static_cast<std::size_t>(part.data() - whole.data()),
                                          part.size());
}

// Encrypts and signs as the user it names would; a copy as it is when there is none, or no level.
inline std::vector<std::byte> secured(Bytes octets) {
  std::vector<std::byte> copy(octets.begin(), octets.end());
  const auto parts = secured_parts(octets);
  if (!parts || parts->security.engine_id.size() > usm::kMaxEngineIdBytes) return copy;
  const usm::UsmUser* const user = fuzz_users().find(parts->security.user);
  const std::uint8_t flags = parts->message.header.flags;
  if (user == nullptr || user->auth == usm::AuthProtocol::none) return copy;
  if ((flags & protocol::msg_flag::kAuth) == 0) return copy;
  usm::UserKeys keys(*user, 0, parts->security.engine_id);
  if ((flags & protocol::msg_flag::kPriv) != 0 && user->priv != usm::PrivProtocol::none &&
      parts->security.salt.size() == usm::kSaltBytes) {
    std::vector<std::byte> encrypted(keys.privacy().cipher_bytes(parts->data.size()));
    keys.privacy().encrypt(parts->data,
                           {parts->security.boots, parts->security.time, parts->security.salt},
                           encrypted);
    // DES pads, and there is no room: what is cut off is a length it cannot have.
    encrypted.resize(parts->data.size());
    std::copy(encrypted.begin(), encrypted.end(), part_of(copy, octets, parts->data).begin());
  }
  const Bytes whole = parts->message.whole;
  if (parts->security.digest.size() == usm::digest_bytes(user->auth)) {
    keys.auth().sign(base::MutableBytes(copy).first(whole.size()),
                     part_of(copy, octets, parts->security.digest));
  }
  return copy;
}

// A Report is no amplifier, and nobody answers it.
inline void check_report(Bytes request, FuzzReceiver& receiver) {
  const std::vector<std::byte> report(receiver.inbound.trace().report.begin(),
                                      receiver.inbound.trace().report.end());
  if (report.empty()) return;
  require(report.size() * 100 <= request.size() * 195, "a Report is at most 1.95 of its request");
  const auto again = protocol::decode(report, protocol::kDefaultMaxVarbinds, receiver.scratch,
                                      &receiver.inbound, kFuzzNow);
  require(!again && receiver.inbound.trace().report.empty(), "a Report is not answered");
}

// A Response can be read by who has the keys, and traps have none.
inline void check_v3_response(const TrapMessage& message, FuzzReceiver& receiver) {
  const bool is_inform = message.pdu == protocol::PduKind::inform;
  const bool is_noted = message.security.level == protocol::SecurityLevel::no_auth_no_priv;
  std::vector<std::byte> out(receiver.inbound.response_room());
  const std::size_t size = receiver.inbound.respond(kFuzzNow, out);
  require((size != 0) == is_inform, "informs alone are answered, and there is room for it");
  if (!is_inform) return;
  out.resize(size);
  const auto again = protocol::decode(out, protocol::kHighestMaxVarbinds, receiver.scratch,
                                      &receiver.inbound, kFuzzNow);
  require(!again && again.error().kind == protocol::DecodeErrorKind::not_a_notification,
          "a Response is well formed");
  require(is_noted || receiver.inbound.trace().authenticated, "a Response is authentic");
}

// An originator that waits for just this answer.
inline void check_originator(Bytes octets) {
  const auto parts = secured_parts(octets);
  if (!parts) return;
  static usm::SaltCounters salts;
  const usm::UsmUser* user = fuzz_users().find(parts->security.user);
  if (user == nullptr) user = fuzz_users().find("aes");
  usm::Originator originator(*user, salts, {.context_name = {}, .context_engine_id = {}});
  std::vector<std::byte> out;
  originator.write_probe(parts->message.header.msg_id, out);
  if (parts->security.engine_id.size() <= usm::kMaxEngineIdBytes) {
    originator.expect_engine(parts->security.engine_id);
  }
  const auto reply = originator.read(octets, kFuzzNow);
  if (reply) require(!reply->pdu.empty(), "a reply has a PDU");
}

// One input through everything.
inline void check_v3(Bytes input) {
  static FuzzReceiver receiver;
  if (input.size() > protocol::kMaxDatagramBytes) return;
  const std::vector<std::byte> datagram = secured(input);
  const auto decoded = protocol::decode(datagram, protocol::kDefaultMaxVarbinds, receiver.scratch,
                                        &receiver.inbound, kFuzzNow);
  require(receiver.engines.size() <= 16, "the table of engines has its limit");
  if (!decoded) {
    require(decoded.error().offset <= datagram.size(), "an offset lies in the input");
    if (decoded.error().kind == protocol::DecodeErrorKind::usm_refused) {
      check_report(datagram, receiver);
    }
  } else if (decoded->message.version == protocol::Version::v3) {
    require(receiver.inbound.trace().report.empty(), "what is accepted gets no Report");
    check_message(decoded->message, {decoded->pdu, Bytes(receiver.scratch.canonical)});
    check_pdu_alone(*decoded, protocol::kDefaultMaxVarbinds);
    check_v3_response(decoded->message, receiver);
  }
  check_originator(datagram);
}

}  // namespace trapline::fuzz
