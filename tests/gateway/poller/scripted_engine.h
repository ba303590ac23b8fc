// An authoritative SNMPv3 engine for the poller, as RFC 3414 §3.2 has it; a test may have it answer
// otherwise.
#pragma once

#include <string>

#include "protocol/usm/message_writer.h"
#include "protocol/usm/originator.h"
#include "protocol/usm/trial_reader.h"
#include "tests/gateway/poller/fake_network.h"

namespace trapline::gateway {

namespace usm = protocol::usm;

// A request taken apart, as far as the engine can.
struct OpenedRequest {
  std::int32_t msg_id = 0;
  std::uint8_t flags = 0;
  Octets engine_id;
  std::int32_t boots = 0;
  std::int32_t time = 0;
  std::string user;
  bool is_authentic = false;
  bool is_decrypted = false;  // also when there was nothing to decrypt
  std::int32_t request_id = 0;
};

// One of RFC 3414 §5's counters, by its last arc but one.
enum class UsmCounter : std::uint8_t {
  unsupported_sec_levels = 1,
  not_in_time_windows,
  unknown_user_names,
  unknown_engine_ids,
  wrong_digests,
  decryption_errors,
};

// A message of the engine's, before it is encrypted and signed.
struct EngineMessage {
  Octets engine_id;
  std::int32_t boots = 0;
  std::int32_t time = 0;
  std::string user;
  std::uint8_t flags = 0;
  std::int32_t msg_id = 0;
  Octets context_engine_id;
  std::string context_name;
  Octets pdu;
};

inline usm::UsmUser user_of(std::string name, usm::AuthProtocol auth, usm::PrivProtocol priv,
                            std::string_view password = "an agent's password") {
  usm::UsmUser user;
  user.name = std::move(name);
  user.auth = auth;
  user.priv = priv;
  usm::MasterKeys keys;
  if (auth != usm::AuthProtocol::none) {
    keys.auth = usm::password_to_key(base::as_bytes(password), auth);
  }
  if (priv != usm::PrivProtocol::none) {
    keys.priv = usm::password_to_key(base::as_bytes(password), auth);
  }
  user.keys.push_back(std::move(keys));
  return user;
}

// Answers GETs of one name with the value "core".
class ScriptedEngine {
 public:
  ScriptedEngine(const base::Clock& clock, usm::UsmUser user)
      : user_(std::move(user)), clock_(clock), started(clock.boot() - std::chrono::hours(1)) {}

  // What a conforming engine answers.
  Octets answer_to(base::Bytes datagram) {
    const OpenedRequest request = open(datagram);
    if (request.engine_id != id) return report_to(request, UsmCounter::unknown_engine_ids);
    if (request.user != user_.name) return report_to(request, UsmCounter::unknown_user_names);
    if (request.flags > flags_of_user()) {
      return report_to(request, UsmCounter::unsupported_sec_levels);
    }
    if (!request.is_authentic) return report_to(request, UsmCounter::wrong_digests);
    if (request.flags != 0 && (request.boots != boots || std::abs(request.time - time()) > 150)) {
      return report_to(request, UsmCounter::not_in_time_windows, protocol::msg_flag::kAuth);
    }
    if (!request.is_decrypted) return report_to(request, UsmCounter::decryption_errors);
    return written(response_to(request));
  }

  OpenedRequest open(base::Bytes datagram) {
    std::vector<std::byte> room;
    room.reserve(datagram.size());
    protocol::BerContext context(datagram, room);
    protocol::V3Message message;
    usm::SecurityParameters security;
    bool has_header = false;
    OpenedRequest request;
    if (!read_v3_message(datagram, context, message, has_header) ||
        !read_security_parameters(message.security_parameters, context, security)) {
      return request;
    }
    request.msg_id = message.header.msg_id;
    request.flags = message.header.flags & 3;
    request.engine_id.assign(security.engine_id.begin(), security.engine_id.end());
    request.boots = security.boots;
    request.time = security.time;
    request.user = security.user;
    request.is_authentic = request.flags == 0;
    Octets plain(datagram.size() + usm::kCipherSlackBytes);
    base::Bytes text = message.data;
    if (request.flags != 0 && request.engine_id == id) {
      request.is_authentic = keys().auth().verify(message.whole, security.digest);
    }
    request.is_decrypted = (request.flags & protocol::msg_flag::kPriv) == 0;
    if (!request.is_decrypted && request.is_authentic) {
      base::Bytes ciphertext;
      usm::TrialReader trial;
      static_cast<void>(
          protocol::BerReader(message.data, context).read(protocol::tag::kOctetString, ciphertext));
      request.is_decrypted =
          keys().decrypt(ciphertext, {security.boots, security.time, security.salt}, plain, trial);
      text = base::Bytes(plain).first(ciphertext.size());
    }
    const bool is_readable = read_request_id(text, request);
    if (request.flags == 3) request.is_decrypted = request.is_decrypted && is_readable;
    return request;
  }

  // A Report as the engine would send it; signed when `flags` says so.
  Octets report_to(const OpenedRequest& request, UsmCounter counter, std::uint8_t flags = 0) {
    return written(report_message(request, counter, flags));
  }
  [[nodiscard]] EngineMessage report_message(const OpenedRequest& request, UsmCounter counter,
                                             std::uint8_t flags = 0) const {
    const std::string name =
        "1.3.6.1.6.3.15.1.1." + std::to_string(static_cast<int>(counter)) + ".0";
    EngineMessage out = message_to(request, flags);
    out.pdu = test_support::pdu_v2(0xa8, request.request_id,
                                   {test_support::varbind(name, test_support::hex("41 01 07"))});
    return out;
  }
  // A Response as the engine would send it, to be spoilt.
  [[nodiscard]] EngineMessage response_to(const OpenedRequest& request) const {
    EngineMessage out = message_to(request, request.flags);
    out.pdu = test_support::pdu_v2(
        0xa2, request.request_id,
        {test_support::varbind("1.3.6.1.2.1.1.5.0", test_support::octet_string("core"))});
    return out;
  }
  // On the wire, encrypted and signed with this engine's keys.
  Octets written(const EngineMessage& message) {
    const usm::OutgoingMessage out{
        .header = {.msg_id = message.msg_id, .max_size = 65'507, .flags = message.flags},
        .security = {.engine_id = message.engine_id,
                     .boots = message.boots,
                     .time = message.time,
                     .user = message.user,
                     .digest = {},
                     .salt = {}},
        .scoped = {message.context_engine_id, message.context_name, message.pdu}};
    const base::Bytes octets = writer_.write(out, message.flags == 0 ? nullptr : &keys());
    return {octets.begin(), octets.end()};
  }

  // snmpEngineTime.
  [[nodiscard]] std::int32_t time() const {
    const auto up = std::chrono::duration_cast<std::chrono::seconds>(clock_.boot() - started);
    return static_cast<std::int32_t>(up.count());
  }
  void reboot() {
    ++boots;
    started = clock_.boot();
  }

 private:
  [[nodiscard]] EngineMessage message_to(const OpenedRequest& request, std::uint8_t flags) const {
    const std::string user = flags == 0 && request.flags != 0 ? "" : request.user;
    return {id, boots, time(), user, flags, request.msg_id, id, "", {}};
  }
  [[nodiscard]] std::uint8_t flags_of_user() const {
    if (user_.auth == usm::AuthProtocol::none) return 0;
    return user_.priv == usm::PrivProtocol::none ? 1 : 3;
  }
  usm::UserKeys& keys() {
    if (keys_id_ != id) {
      keys_ = usm::UserKeys(user_, 0, id);
      keys_id_ = id;
    }
    return keys_;
  }
  static bool read_request_id(base::Bytes text, OpenedRequest& request) {
    std::vector<std::byte> room;
    room.reserve(text.size());
    protocol::BerContext context(text, room);
    protocol::BerReader reader(text, context);
    protocol::ScopedPduFields scoped;
    protocol::Element pdu;
    std::int64_t id = 0;
    if (!read_scoped_pdu(reader, scoped) ||
        !protocol::BerReader(scoped.pdu, context).read_any(pdu) ||
        !protocol::BerReader(pdu.content, context).read_integer(id)) {
      return false;
    }
    request.request_id = static_cast<std::int32_t>(id);
    return true;
  }

  const usm::UsmUser user_;
  const base::Clock& clock_;
  usm::SaltCounters salts_;
  usm::MessageWriter writer_{salts_};
  usm::UserKeys keys_;
  Octets keys_id_;

 public:
  Octets id = test_support::hex("80 00 1f 88 80 01 02 03 04");
  std::int32_t boots = 3;
  base::BootTime started;
};

}  // namespace trapline::gateway
