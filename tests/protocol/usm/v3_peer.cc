#include "tests/protocol/usm/v3_peer.h"

#include <map>

#include "protocol/pdu.h"
#include "protocol/usm/keys.h"
#include "protocol/usm/security_parameters.h"

namespace trapline::protocol::usm {

using test_support::hex;
using test_support::Octets;
using test_support::pdu_v2;

LocalEngine test_engine() {
  return {hex("80001f888001020304050607"), 7, kNow - std::chrono::seconds(1'000)};
}

Octets peer_engine() { return hex("80001f8880aabbccddeeff0011"); }

MasterKeys master_keys(AuthProtocol auth, PrivProtocol priv, std::string_view auth_password,
                       std::string_view priv_password) {
  static std::map<std::pair<AuthProtocol, std::string>, std::string> known;
  const auto key = [auth](std::string_view password) {
    std::string& octets = known[{auth, std::string(password)}];
    if (octets.empty()) {
      const base::Secret fresh = password_to_key(base::as_bytes(password), auth);
      octets = std::string(base::as_text(fresh.reveal()));
    }
    return base::Secret(octets);
  };
  MasterKeys keys;
  if (auth != AuthProtocol::none) keys.auth = key(auth_password);
  if (priv != PrivProtocol::none) keys.priv = key(priv_password);
  return keys;
}

UsmUser test_user(std::string name, AuthProtocol auth, PrivProtocol priv) {
  UsmUser user;
  user.name = std::move(name);
  user.auth = auth;
  user.priv = priv;
  user.keys.push_back(master_keys(auth, priv));
  return user;
}

PeerMessage inform_to(const LocalEngine& engine) {
  PeerMessage message;
  message.engine_id = engine.id;
  message.context_engine_id = engine.id;
  message.boots = engine.boots;
  message.time = engine.time_at(kNow);
  message.reportable = true;
  message.pdu = inform_pdu();
  return message;
}

Octets trap_pdu(std::int64_t request_id) {
  return pdu_v2(0xa7, request_id,
                {test_support::uptime_varbind(), test_support::trap_oid_varbind()});
}

Octets inform_pdu(std::int64_t request_id) {
  return pdu_v2(0xa6, request_id,
                {test_support::uptime_varbind(), test_support::trap_oid_varbind()});
}

Octets written(const UsmUser& user, const PeerMessage& message) {
  static SaltCounters salts;
  static MessageWriter writer(salts);
  std::uint8_t flags = message.flags;
  if (flags == 0 && user.auth != AuthProtocol::none) flags = msg_flag::kAuth;
  if (message.flags == 0 && user.priv != PrivProtocol::none) flags |= msg_flag::kPriv;
  if (message.reportable) flags |= msg_flag::kReportable;
  const Octets pdu = message.pdu.empty() ? trap_pdu() : message.pdu;
  const OutgoingMessage out{
      .header = {.msg_id = message.msg_id, .max_size = message.max_size, .flags = flags},
      .security = {.engine_id = message.engine_id,
                   .boots = message.boots,
                   .time = message.time,
                   .user = message.user.empty() ? user.name : message.user,
                   .digest = {},
                   .salt = {}},
      .scoped = {message.context_engine_id, message.context_name, pdu}};
  UserKeys keys;
  if (user.auth != AuthProtocol::none) keys = UserKeys(user, message.password, message.engine_id);
  const base::Bytes octets = writer.write(out, &keys);
  return {octets.begin(), octets.end()};
}

Octets probe(std::int32_t msg_id, const Octets& engine_id) {
  PeerMessage message;
  message.engine_id = engine_id;
  message.context_engine_id = {};
  message.boots = 0;
  message.time = 0;
  message.reportable = true;
  message.msg_id = msg_id;
  message.pdu = pdu_v2(0xa0, msg_id, {});
  return written({}, message);
}

Receiver::Receiver(std::vector<UsmUser> users)
    : users_(std::move(users)), inbound_({users_, engine, engines, salts, stats}) {}

const base::Result<Decoded, DecodeError>& Receiver::receive(const Octets& octets,
                                                            base::BootTime now) {
  copy_.emplace(octets);
  result_.emplace(decode(copy_->bytes(), kDefaultMaxVarbinds, scratch_, &inbound_, now));
  return *result_;
}

std::string_view Receiver::verdict() const {
  if (*result_) return "accepted";
  const DecodeErrorKind kind = result_->error().kind;
  return kind == DecodeErrorKind::usm_refused ? name_of(trace().refusal) : protocol::name_of(kind);
}

Octets Receiver::response(base::BootTime now) {
  Octets out(inbound_.response_room());
  out.resize(inbound_.respond(now, out));
  return out;
}

std::string report_oid(base::Bytes octets) {
  Octets room;
  BerContext context(octets, room);
  V3Message message;
  ScopedPduFields scoped;
  base::Bytes content;
  PduHeader header;
  std::vector<VarBind> varbinds;
  bool has_header = false;
  if (!read_v3_message(octets, context, message, has_header)) return {};
  BerReader data(message.data, context);
  if (!read_scoped_pdu(data, scoped)) return {};
  BerReader pdu(scoped.pdu, context);
  if (!pdu.read(tag::kReport, content)) return {};
  BerReader fields(content, context);
  if (!read_pdu_header(fields, header) || !read_varbinds(fields, 1, varbinds)) return {};
  return context.flags.empty() && varbinds.size() == 1 ? varbinds[0].name.to_string() : "";
}

}  // namespace trapline::protocol::usm
