// RFC 3412 §7.2, RFC 3414 §3.2: parse, engine, user, level, digest, time, decryption. What differs:
// a trap's sender need not be known beforehand, its engine is learned once it is authentic.

#include "protocol/usm/inbound.h"

#include <cstdlib>

#include "protocol/decode.h"
#include "protocol/usm/inbound_state.h"

namespace trapline::protocol::usm {
namespace {

constexpr std::size_t kKeysKept = 16'384;

SecurityLevel level_of(std::uint8_t flags) {
  if ((flags & msg_flag::kAuth) == 0) return SecurityLevel::no_auth_no_priv;
  return (flags & msg_flag::kPriv) == 0 ? SecurityLevel::auth_no_priv : SecurityLevel::auth_priv;
}

}  // namespace

Inbound::State::State(const InboundShared& shared)
    : shared_(shared),
      keys_(kKeysKept),
      writer_(shared.salts),
      plain_(kMaxDatagramBytes + kCipherSlackBytes),
      pdu_(kMaxDatagramBytes) {}

bool Inbound::State::open(base::Bytes datagram, base::BootTime now, BerContext& context,
                          ScopedPdu& out) {
  datagram_ = datagram;
  message_ = {};
  security_ = {};
  user_ = nullptr;
  in_use_ = nullptr;
  opened_ = false;
  trace_ = {};
  if (!parse(datagram, context)) return false;
  const V3Refusal refusal = judge(now, context.flags);
  if (refusal != V3Refusal::none) return fail(refusal, now, context);
  base::Bytes text = message_.data;
  const bool encrypted = has_flag(msg_flag::kPriv);
  if (encrypted) {
    const V3Refusal failure = decrypt(datagram, text);
    if (failure != V3Refusal::none) return fail(failure, now, context);
    context.origin = plain_.bytes().data();
  }
  if (!read_scoped(text, encrypted, context)) {
    return encrypted ? fail(V3Refusal::unreadable_plaintext, now, context) : false;
  }
  opened_ = true;
  out = {scoped_.context_engine_id, scoped_.context_name, scoped_.pdu};
  return true;
}

bool Inbound::State::parse(base::Bytes datagram, BerContext& context) {
  const bool whole = read_v3_message(datagram, context, message_, trace_.seen);
  const V3Header& header = message_.header;
  trace_.msg_id = header.msg_id;
  trace_.max_size = header.max_size;
  trace_.flags = header.flags;
  trace_.security_model = header.security_model;
  trace_.level = level_of(header.flags);
  if (!whole) return false;
  const std::byte* const parameters = message_.security_parameters.data();
  if (header.security_model != kUsmSecurityModel) {
    return context.fail(DecodeErrorKind::security_model, parameters);
  }
  const bool read = read_security_parameters(message_.security_parameters, context, security_);
  trace_.engine_id = security_.engine_id;
  trace_.engine_is_ours = base::equal(security_.engine_id, shared_.engine.id);
  trace_.boots = security_.boots;
  trace_.time = security_.time;
  trace_.user = security_.user;
  trace_.digest_size = security_.digest.size();
  return read;
}

V3Refusal Inbound::State::judge(base::BootTime now, Tolerances& flags) {
  if (const V3Refusal refusal = judge_engine(); refusal != V3Refusal::none) return refusal;
  if (const V3Refusal refusal = judge_user(); refusal != V3Refusal::none) return refusal;
  if (trace_.level == SecurityLevel::no_auth_no_priv) return V3Refusal::none;
  if (const V3Refusal refusal = authenticate(); refusal != V3Refusal::none) return refusal;
  return judge_time(now, flags);
}

// Whoever wants an answer and does not name us is told who we are; any other message is a trap of
// the engine it names.
V3Refusal Inbound::State::judge_engine() {
  const std::size_t size = security_.engine_id.size();
  if (size < kMinEngineIdBytes || size > kMaxEngineIdBytes) return V3Refusal::discovery;
  if (trace_.engine_is_ours || !has_flag(msg_flag::kReportable)) return V3Refusal::none;
  const Glance seen = glance();
  return seen.readable && !seen.confirmed ? V3Refusal::none : V3Refusal::unknown_engine;
}

V3Refusal Inbound::State::judge_user() {
  user_ = shared_.users.find(security_.user);
  if (user_ == nullptr) return V3Refusal::unknown_user;
  if (trace_.level > user_->highest_level()) return V3Refusal::unsupported_level;
  if (trace_.level < user_->least_level) return V3Refusal::level_too_low;
  // Engines are pinned for what they send as their own; an inform names ours.
  if (!trace_.engine_is_ours && !user_->allows_engine(security_.engine_id)) {
    return V3Refusal::engine_not_allowed;
  }
  return V3Refusal::none;
}

V3Refusal Inbound::State::authenticate() {
  // Before anything is hashed: a digest of another length fits no key.
  if (security_.digest.size() != digest_bytes(user_->auth)) return V3Refusal::wrong_digest;
  in_use_ = fitting_keys();
  if (in_use_ == nullptr) return V3Refusal::wrong_digest;
  trace_.authenticated = true;
  trace_.password = in_use_->password();
  return V3Refusal::none;
}

// Keys that fitted before come first; others are localized in passing, and kept if they fit.
UserKeys* Inbound::State::fitting_keys() {
  const auto passwords = static_cast<int>(user_->keys.size());
  std::uint32_t tried = 0;
  for (int i = 0; i < passwords; ++i) {
    UserKeys* const kept = keys_.find(*user_, i, security_.engine_id);
    if (kept == nullptr) continue;
    if (fits_kept(*kept)) return kept;
    tried |= 1U << (i % 32);
  }
  for (int i = 0; i < passwords; ++i) {
    if ((tried >> (i % 32) & 1U) != 0) continue;
    const AuthKey& key = keys_.try_on(*user_, i, security_.engine_id).auth();
    if (key.verify(message_.whole, security_.digest)) return &keys_.keep();
  }
  return nullptr;
}

bool Inbound::State::fits_kept(const UserKeys& kept) {
  const base::Bytes whole = ahead_.find(datagram_, kept.password());
  return whole.empty() ? kept.auth().verify(message_.whole, security_.digest)
                       : kept.auth().accepts(whole, security_.digest);
}

void Inbound::State::look_ahead(std::span<const base::Bytes> datagrams) {
  ahead_.clear();
  if (!ahead_.worthwhile() || shared_.users.empty()) return;
  for (const base::Bytes datagram : datagrams) look_ahead_at(datagram);
  ahead_.compute();
}

// What `open` will have to hash, as far as it can be known: no key is localized for it.
void Inbound::State::look_ahead_at(base::Bytes datagram) {
  std::vector<std::byte> no_room;
  BerContext context(datagram, no_room);
  V3Message message;
  SecurityParameters security;
  bool seen = false;
  if (!read_v3_message(datagram, context, message, seen) ||
      message.header.security_model != kUsmSecurityModel ||
      !read_security_parameters(message.security_parameters, context, security) ||
      (message.header.flags & msg_flag::kAuth) == 0) {
    return;
  }
  const UsmUser* const user = shared_.users.find(security.user);
  if (user == nullptr || security.digest.size() != digest_bytes(user->auth)) return;
  for (int i = 0; i < static_cast<int>(user->keys.size()); ++i) {
    const UserKeys* const kept = keys_.find(*user, i, security.engine_id);
    if (kept != nullptr) ahead_.add(datagram, i, kept->auth(), message.whole, security.digest);
  }
}

V3Refusal Inbound::State::judge_time(base::BootTime now, Tolerances& flags) {
  const bool inside = trace_.engine_is_ours
                          ? in_own_window(now)
                          : shared_.engines.judge(security_.engine_id, security_.boots,
                                                  security_.time, now) == Timeliness::inside;
  if (inside) return V3Refusal::none;
  if (!user_->relaxed_time) return V3Refusal::not_in_time_window;
  flags.add(Tolerance::time_window_relaxed);
  return V3Refusal::none;
}

bool Inbound::State::in_own_window(base::BootTime now) const {
  const std::int64_t away = std::int64_t{security_.time} - shared_.engine.time_at(now);
  return shared_.engine.boots != kLastBoots && security_.boots == shared_.engine.boots &&
         std::abs(away) <= kTimeWindowSecs;
}

V3Refusal Inbound::State::decrypt(base::Bytes datagram, base::Bytes& plaintext) {
  const CipherStart start{security_.boots, security_.time, security_.salt};
  // Behind its tag and length, which were read before.
  std::vector<std::byte> no_room;
  BerContext context(datagram, no_room);
  base::Bytes ciphertext;
  if (!BerReader(message_.data, context).read(tag::kOctetString, ciphertext)) {
    return V3Refusal::decryption_failed;
  }
  const auto at = static_cast<std::size_t>(ciphertext.data() - datagram.data());
  if (at + ciphertext.size() + kCipherSlackBytes > plain_.size_bytes()) {
    return V3Refusal::decryption_failed;
  }
  const base::MutableBytes out = plain_.bytes().subspan(at);
  if (!in_use_->decrypt(ciphertext, start, out, trial_)) return V3Refusal::decryption_failed;
  trace_.key_scheme = in_use_->key_scheme();
  plaintext = out.first(ciphertext.size());
  return V3Refusal::none;
}

// Octets behind a decrypted scopedPDU are the cipher's padding.
bool Inbound::State::read_scoped(base::Bytes text, bool decrypted, BerContext& context) {
  BerReader reader(text, context);
  if (!read_scoped_pdu(reader, scoped_)) return false;
  if (!decrypted && !reader.at_end()) context.flags.add(Tolerance::trailing_bytes);
  return true;
}

bool Inbound::State::fail(V3Refusal refusal, base::BootTime now, BerContext& context) {
  refuse(refusal, now);
  const base::Bytes& part =
      refusal < V3Refusal::decryption_failed ? message_.security_parameters : message_.data;
  context.origin = message_.whole.data();
  return context.fail(DecodeErrorKind::usm_refused, part.data());
}

Inbound::Inbound(const InboundShared& shared) : state_(std::make_unique<State>(shared)) {}
Inbound::~Inbound() = default;

bool Inbound::has_users() const { return state_->has_users(); }

bool Inbound::open(base::Bytes datagram, base::BootTime now, BerContext& context, ScopedPdu& out) {
  return state_->open(datagram, now, context, out);
}

void Inbound::look_ahead(std::span<const base::Bytes> datagrams) { state_->look_ahead(datagrams); }

void Inbound::forget_ahead() { state_->forget_ahead(); }

void Inbound::refuse_opened(V3Refusal refusal, base::BootTime now) { state_->refuse(refusal, now); }

const V3Trace& Inbound::trace() const { return state_->trace(); }

std::size_t Inbound::response_room() const { return state_->response_room(); }

std::size_t Inbound::respond(base::BootTime now, base::MutableBytes out) {
  return state_->respond(now, out);
}

}  // namespace trapline::protocol::usm
