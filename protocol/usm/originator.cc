// RFC 3414 §3.1 and, for answers, §3.2; discovery as in its §4.

#include "protocol/usm/originator.h"

#include <algorithm>
#include <array>

#include "base/undumped_buffer.h"
#include "protocol/ber_writer.h"
#include "protocol/decode.h"
#include "protocol/pdu.h"
#include "protocol/usm/engine_table.h"
#include "protocol/usm/key_cache.h"
#include "protocol/usm/message_writer.h"
#include "protocol/well_known.h"

namespace trapline::protocol::usm {
namespace {

// Questions whose answers are still taken: more than anybody has under way.
constexpr std::size_t kQuestionsRemembered = 1'024;

std::uint8_t flags_of(SecurityLevel level) {
  switch (level) {
    case SecurityLevel::no_auth_no_priv: return 0;
    case SecurityLevel::auth_no_priv: return msg_flag::kAuth;
    case SecurityLevel::auth_priv: return msg_flag::kAuth | msg_flag::kPriv;
  }
  return 0;
}

SecurityLevel level_of(std::uint8_t flags) {
  if ((flags & msg_flag::kAuth) == 0) return SecurityLevel::no_auth_no_priv;
  return (flags & msg_flag::kPriv) == 0 ? SecurityLevel::auth_no_priv : SecurityLevel::auth_priv;
}

ReportKind kind_of(OidView counter) {
  for (std::uint8_t arc = 1; arc <= 6; ++arc) {
    const auto known = well_known::below_internet(6, 3, 15, 1, 1, arc, 0);
    if (counter == OidView(base::Bytes(known))) return static_cast<ReportKind>(arc - 1);
  }
  return ReportKind::other;
}

}  // namespace

// See Originator, whose calls these are. Not synchronised.
class Originator::State {
 public:
  State(const UsmUser& user, SaltCounters& salts, OriginatorOptions options)
      : user_(user),
        options_(std::move(options)),
        keys_(1),
        writer_(salts),
        plain_(kMaxDatagramBytes + kCipherSlackBytes) {}

  void be_authoritative(const LocalEngine& engine) {
    own_ = engine;
    engine_id_ = engine.id;
  }
  void expect_engine(base::Bytes engine_id);
  [[nodiscard]] base::Bytes engine_id() const { return engine_id_; }
  void write_probe(std::int32_t msg_id, std::vector<std::byte>& out);
  void write(std::int32_t msg_id, base::Bytes pdu, bool confirmed, base::BootTime now,
             std::vector<std::byte>& out);
  [[nodiscard]] base::Result<V3Reply, std::string> read(base::Bytes datagram, base::BootTime now);

 private:
  using Failure = const char*;  // null: none

  void remember(std::int32_t msg_id);
  [[nodiscard]] bool has_asked(std::int32_t msg_id) const;
  [[nodiscard]] RemoteEngine peer_at(base::BootTime now) const;
  UserKeys& keys();

  // The steps of reading; each says what is wrong.
  [[nodiscard]] Failure parse(base::Bytes datagram, BerContext& context);
  [[nodiscard]] Failure authenticate(base::BootTime now);
  [[nodiscard]] Failure decrypt(BerContext& context, base::Bytes& text);
  [[nodiscard]] Failure read_reply(base::Bytes text, BerContext& context, V3Reply& out);
  [[nodiscard]] Failure judge_response(const ScopedPduFields& scoped) const;
  void learn(ReportKind kind, base::BootTime now);

  const UsmUser& user_;
  const OriginatorOptions options_;
  std::optional<LocalEngine> own_;
  KeyCache keys_;
  MessageWriter writer_;
  TrialReader trial_;
  base::UndumpedBuffer plain_;
  std::vector<VarBind> varbinds_;
  std::vector<std::byte> room_;

  std::vector<std::byte> engine_id_;
  std::optional<RemoteEngine> known_;  // from authentic messages
  std::optional<RemoteEngine> told_;   // from a Report nobody signed: good enough to ask with
  std::array<std::int32_t, kQuestionsRemembered> asked_{};
  std::size_t asked_count_ = 0;

  V3Message message_;
  SecurityParameters security_;
};

void Originator::State::expect_engine(base::Bytes engine_id) {
  if (base::equal(engine_id, engine_id_)) return;
  engine_id_.assign(engine_id.begin(), engine_id.end());
  known_.reset();
  told_.reset();
}

void Originator::State::remember(std::int32_t msg_id) {
  asked_[asked_count_++ % kQuestionsRemembered] = msg_id;
}

bool Originator::State::has_asked(std::int32_t msg_id) const {
  const auto end = asked_.begin() + static_cast<std::ptrdiff_t>(std::min(
                                        asked_count_, static_cast<std::size_t>(asked_.size())));
  return std::find(asked_.begin(), end, msg_id) != end;
}

// The peer's boots, and its time as `latest_time`, as far as anybody knows.
RemoteEngine Originator::State::peer_at(base::BootTime now) const {
  if (own_) return {.id = {}, .boots = own_->boots, .latest_time = own_->time_at(now)};
  const std::optional<RemoteEngine>& peer = known_ ? known_ : told_;
  if (!peer) return {};
  const std::int64_t time = std::min<std::int64_t>(peer->notion_at(now), kLastBoots);
  return {.id = {}, .boots = peer->boots, .latest_time = static_cast<std::int32_t>(time)};
}

UserKeys& Originator::State::keys() {
  if (UserKeys* const kept = keys_.find(user_, 0, engine_id_)) return *kept;
  static_cast<void>(keys_.try_on(user_, 0, engine_id_));
  return keys_.keep();
}

void Originator::State::write_probe(std::int32_t msg_id, std::vector<std::byte>& out) {
  std::vector<std::byte> pdu;
  BerWriter writer(pdu);
  const std::size_t began = writer.begin(tag::kGetRequest);
  writer.write_signed(tag::kInteger, msg_id);
  writer.write_signed(tag::kInteger, 0);
  writer.write_signed(tag::kInteger, 0);
  writer.write(tag::kSequence, {});
  writer.end(began);
  OutgoingMessage probe;
  probe.header.msg_id = msg_id;
  probe.header.flags = msg_flag::kReportable;
  probe.scoped.pdu = pdu;
  const base::Bytes octets = writer_.write(probe, nullptr);
  out.insert(out.end(), octets.begin(), octets.end());
  remember(msg_id);
}

void Originator::State::write(std::int32_t msg_id, base::Bytes pdu, bool confirmed,
                              base::BootTime now, std::vector<std::byte>& out) {
  if (engine_id_.empty()) return;
  const RemoteEngine peer = peer_at(now);
  const std::uint8_t flags = flags_of(options_.level);
  OutgoingMessage message;
  message.header.msg_id = msg_id;
  message.header.flags = static_cast<std::uint8_t>(flags | (confirmed ? msg_flag::kReportable : 0));
  message.security.engine_id = engine_id_;
  message.security.boots = peer.boots;
  message.security.time = peer.latest_time;
  message.security.user = user_.name;
  message.scoped = {options_.context_engine_id, options_.context_name, pdu};
  if (options_.context_engine_id.empty()) message.scoped.context_engine_id = engine_id_;
  const base::Bytes octets = writer_.write(message, flags == 0 ? nullptr : &keys());
  out.insert(out.end(), octets.begin(), octets.end());
  if (confirmed) remember(msg_id);
}

Originator::State::Failure Originator::State::parse(base::Bytes datagram, BerContext& context) {
  bool has_header = false;
  if (datagram.size() > kMaxDatagramBytes ||
      !read_v3_message(datagram, context, message_, has_header) ||
      message_.header.security_model != kUsmSecurityModel ||
      !read_security_parameters(message_.security_parameters, context, security_)) {
    return "no SNMPv3 message of the user-based security model";
  }
  if (!has_asked(message_.header.msg_id)) return "its msgID is that of no question of ours";
  return nullptr;
}

Originator::State::Failure Originator::State::authenticate(base::BootTime now) {
  if ((message_.header.flags & msg_flag::kAuth) == 0) return nullptr;
  if (engine_id_.empty() || !base::equal(security_.engine_id, engine_id_)) {
    return "it is signed in the name of another engine";
  }
  if (security_.user != user_.name) return "it is signed in the name of another user";
  if (level_of(message_.header.flags) > user_.highest_level()) {
    return "the user has no keys for its security level";
  }
  if (!keys().auth().verify(message_.whole, security_.digest)) return "its digest is wrong";
  if (!known_) {
    known_.emplace(RemoteEngine{
        .id = {}, .boots = security_.boots, .latest_time = security_.time, .seen_at = now});
  }
  if (known_->hear(security_.boots, security_.time, now) == Timeliness::outside) {
    return "it is outside the time window";
  }
  return nullptr;
}

Originator::State::Failure Originator::State::decrypt(BerContext& context, base::Bytes& text) {
  const base::MutableBytes room = plain_.bytes();
  if ((message_.header.flags & msg_flag::kPriv) == 0) {
    std::copy(message_.data.begin(), message_.data.end(), room.begin());
    text = room.first(message_.data.size());
    return nullptr;
  }
  base::Bytes ciphertext;
  const CipherStart start{security_.boots, security_.time, security_.salt};
  if (!BerReader(message_.data, context).read(tag::kOctetString, ciphertext) ||
      !keys().decrypt(ciphertext, start, room, trial_)) {
    return "it cannot be decrypted";
  }
  text = room.first(ciphertext.size());
  return nullptr;
}

Originator::State::Failure Originator::State::read_reply(base::Bytes text, BerContext& context,
                                                         V3Reply& out) {
  BerReader reader(text, context);
  ScopedPduFields scoped;
  Element pdu;
  if (!read_scoped_pdu(reader, scoped) || !BerReader(scoped.pdu, context).read_any(pdu)) {
    return "it cannot be read, decrypted or not: a wrong privacy password?";
  }
  BerReader content(pdu.content, context);
  PduHeader header;
  if (!read_pdu_header(content, header) ||
      !read_varbinds(content, kHighestMaxVarbinds, varbinds_)) {
    return "its PDU is malformed";
  }
  out.msg_id = message_.header.msg_id;
  out.pdu = scoped.pdu;
  if (level_of(message_.header.flags) >= std::min(options_.level, SecurityLevel::auth_no_priv)) {
    out.max_size_bytes = static_cast<std::uint32_t>(message_.header.max_size);
  }
  if (pdu.tag == tag::kReport) {
    out.kind = ReplyKind::report;
    out.report = varbinds_.empty() ? ReportKind::other : kind_of(varbinds_.front().name);
    return nullptr;
  }
  if (pdu.tag != tag::kResponse) return "it is neither a Response nor a Report";
  return judge_response(scoped);
}

// RFC 3412 §7.2 step 12: a Response is of the level, engine, user and context that were asked.
Originator::State::Failure Originator::State::judge_response(const ScopedPduFields& scoped) const {
  if (level_of(message_.header.flags) < options_.level) {
    return "it is a Response below the security level of its question";
  }
  if (!base::equal(security_.engine_id, engine_id_)) return "it is a Response of another engine";
  if (security_.user != user_.name) return "it is a Response to another user";
  const base::Bytes context =
      options_.context_engine_id.empty() ? engine_id_ : options_.context_engine_id;
  if (!base::equal(scoped.context_engine_id, context) ||
      scoped.context_name != options_.context_name) {
    return "it is a Response of another context";
  }
  return nullptr;
}

// What an unsigned Report says may be tried; only signed ones are relied on.
void Originator::State::learn(ReportKind kind, base::BootTime now) {
  if (own_ || (message_.header.flags & msg_flag::kAuth) != 0) return;
  if (kind == ReportKind::unknown_engine_id) {
    const std::size_t size = security_.engine_id.size();
    if (size < kMinEngineIdBytes || size > kMaxEngineIdBytes) return;
    expect_engine(security_.engine_id);
  } else if (kind != ReportKind::not_in_time_window ||
             !base::equal(security_.engine_id, engine_id_)) {
    return;
  }
  told_.emplace(RemoteEngine{
      .id = {}, .boots = security_.boots, .latest_time = security_.time, .seen_at = now});
}

base::Result<V3Reply, std::string> Originator::State::read(base::Bytes datagram,
                                                           base::BootTime now) {
  message_ = {};
  security_ = {};
  room_.clear();
  room_.reserve(datagram.size());
  BerContext context(datagram, room_);
  base::Bytes text;
  V3Reply reply;
  Failure failure = parse(datagram, context);
  if (failure == nullptr) failure = authenticate(now);
  if (failure == nullptr) failure = decrypt(context, text);
  if (failure == nullptr) failure = read_reply(text, context, reply);
  if (failure != nullptr) return std::string(failure);
  if (reply.kind == ReplyKind::report) learn(reply.report, now);
  return reply;
}

std::string_view name_of(ReportKind kind) {
  switch (kind) {
    case ReportKind::unsupported_sec_level: return "usmStatsUnsupportedSecLevels";
    case ReportKind::not_in_time_window: return "usmStatsNotInTimeWindows";
    case ReportKind::unknown_user_name: return "usmStatsUnknownUserNames";
    case ReportKind::unknown_engine_id: return "usmStatsUnknownEngineIDs";
    case ReportKind::wrong_digest: return "usmStatsWrongDigests";
    case ReportKind::decryption_error: return "usmStatsDecryptionErrors";
    case ReportKind::other: return "Report";
  }
  return "Report";
}

Originator::Originator(const UsmUser& user, SaltCounters& salts, OriginatorOptions options)
    : state_(std::make_unique<State>(user, salts, std::move(options))) {}
Originator::~Originator() = default;

void Originator::be_authoritative(const LocalEngine& engine) { state_->be_authoritative(engine); }
void Originator::expect_engine(base::Bytes engine_id) { state_->expect_engine(engine_id); }
bool Originator::needs_discovery() const { return state_->engine_id().empty(); }
base::Bytes Originator::engine_id() const { return state_->engine_id(); }

void Originator::write_probe(std::int32_t msg_id, std::vector<std::byte>& out) {
  state_->write_probe(msg_id, out);
}

void Originator::write(std::int32_t msg_id, base::Bytes pdu, bool confirmed, base::BootTime now,
                       std::vector<std::byte>& out) {
  state_->write(msg_id, pdu, confirmed, now, out);
}

base::Result<V3Reply, std::string> Originator::read(base::Bytes datagram, base::BootTime now) {
  return state_->read(datagram, now);
}

}  // namespace trapline::protocol::usm
