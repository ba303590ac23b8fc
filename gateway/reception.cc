#include "gateway/reception.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>

#include "gateway/engine_id_text.h"
#include "gateway/journal/digest.h"
#include "protocol/encode.h"

namespace trapline::gateway {
namespace {

using protocol::DecodeErrorKind;
using protocol::Tolerance;
using protocol::TrapMessage;
using protocol::usm::V3Refusal;

// Responses that wait for commits, per listener: more than a full append queue can owe.
constexpr std::size_t kArenaBytes = 64U << 20;
// What a Response may need beyond the inform's own octets.
constexpr std::size_t kResponseSlackBytes = 16;
// Records are handed over at this size at the latest, however large the datagrams: a batch is
// committed as a whole, and what the journal keeps for others must stay untouched.
constexpr std::size_t kHandOverBytes = 256U << 10;

// Datagrams that are admitted and hashed together before they are judged one by one.
constexpr std::size_t kAtOnce = protocol::usm::Inbound::kMostAhead;

// snmpTrapCommunity.0, 1.3.6.1.6.3.18.1.4.0
constexpr std::byte kTrapCommunity[] = {std::byte{0x2b}, std::byte{6}, std::byte{1},
                                        std::byte{6},    std::byte{3}, std::byte{18},
                                        std::byte{1},    std::byte{4}, std::byte{0}};

bool is_trap_community(const protocol::VarBind& varbind) {
  return varbind.name == protocol::OidView(kTrapCommunity);
}

// Nothing for what belongs to the protocol itself: discovery.
std::optional<RefusalReason> refusal_of(V3Refusal refusal) {
  switch (refusal) {
    case V3Refusal::none:
    case V3Refusal::discovery:
    case V3Refusal::unknown_engine: break;
    case V3Refusal::unknown_user: return RefusalReason::unknown_user;
    case V3Refusal::unsupported_level: return RefusalReason::unsupported_level;
    case V3Refusal::level_too_low: return RefusalReason::level_too_low;
    case V3Refusal::engine_not_allowed: return RefusalReason::engine_not_allowed;
    case V3Refusal::wrong_digest: return RefusalReason::wrong_digest;
    case V3Refusal::not_in_time_window: return RefusalReason::not_in_time_window;
    case V3Refusal::decryption_failed: return RefusalReason::decryption_failed;
    case V3Refusal::unreadable_plaintext: return RefusalReason::unreadable_plaintext;
    case V3Refusal::inform_for_other_engine: return RefusalReason::inform_for_other_engine;
  }
  return std::nullopt;
}

// What the operator should look at.
std::string_view advice_of(V3Refusal refusal) {
  switch (refusal) {
    case V3Refusal::unknown_user: return "no such user in v3.users: dropped";
    case V3Refusal::unsupported_level:
      return "the user has no password for this level in v3.users: dropped";
    case V3Refusal::level_too_low: return "below the user's `level`: dropped";
    case V3Refusal::engine_not_allowed: return "engine is not in the user's `engines`: dropped";
    case V3Refusal::wrong_digest:
      return "wrong authentication password or protocol for this user: dropped";
    case V3Refusal::not_in_time_window:
      return "outside the time window: a replay, or the device's boots or clock went back (then "
             "`trapline v3 forget ENGINE`, or `time_window: relaxed`): dropped";
    case V3Refusal::decryption_failed:
      return "privacy parameters that the user's `priv` cannot have: dropped";
    case V3Refusal::unreadable_plaintext:
      return "wrong privacy password or protocol for this user: dropped";
    case V3Refusal::unknown_engine:
      return "wants an answer of another engine than ours: told our engineID by a Report";
    default: return "inform is addressed to another engine: dropped";
  }
}

}  // namespace

Reception::Reception(const ReceptionShared& shared, std::string_view listener, DatagramPort& port)
    : shared_(shared),
      listener_(listener),
      port_(port),
      admission_(shared.config.sources, shared.table_seed),
      v3_(shared.v3 == nullptr ? nullptr
                               : std::make_unique<protocol::usm::Inbound>(shared.v3->usm)),
      arena_(kArenaBytes) {
  start_batch();
}

bool Reception::wait_for_room(std::chrono::milliseconds at_most) {
  return shared_.journal.wait_for_room(journal::Lane::reception, kBatchRoomBytes,
                                       shared_.clock.boot() + at_most);
}

void Reception::process(std::span<const Datagram> datagrams, bool shed) {
  if (datagrams.empty()) return;
  received_at_ = shared_.clock.wall();
  received_boot_ = shared_.clock.boot();
  if (shed) {
    for (const Datagram& datagram : datagrams) count_arrival(datagram);
    counts_.shed += datagrams.size();
  } else {
    for (; !datagrams.empty(); datagrams = datagrams.subspan(std::min(kAtOnce, datagrams.size()))) {
      process_some(datagrams.first(std::min(kAtOnce, datagrams.size())));
    }
  }
  if (counts_.shed != 0) {
    shared_.log.write_limited(shed_site_, base::LogLevel::error, "reception.shed",
                              "the journal cannot store: datagrams are dropped unanswered",
                              {{"listener", listener_}, {"count", counts_.shed}});
  }
  hand_over();
}

// Only what may come in at all is hashed ahead; each datagram is counted with what becomes of it,
// so that the books balance at each hand-over.
void Reception::process_some(std::span<const Datagram> datagrams) {
  std::array<const Datagram*, kAtOnce> admitted;
  std::array<base::Bytes, kAtOnce> payloads;
  std::size_t count = 0;
  for (const Datagram& datagram : datagrams) {
    if (!admit(datagram)) {
      count_arrival(datagram);
      continue;
    }
    payloads[count] = datagram.payload;
    admitted[count++] = &datagram;
  }
  if (v3_ != nullptr) v3_->look_ahead({payloads.data(), count});
  for (const Datagram* const datagram : std::span(admitted).first(count)) {
    count_arrival(*datagram);
    process_one(*datagram);
    if (batch_->bytes().size() >= kHandOverBytes) hand_over();
  }
  if (v3_ != nullptr) v3_->forget_ahead();
}

void Reception::count_arrival(const Datagram& datagram) {
  ++counts_.received;
  counts_.received_bytes += datagram.payload.size();
}

// Enters what was counted since the last time, and gives the journal what there is.
void Reception::hand_over() {
  counts_.in_flight = receipt_->events();
  shared_.ledger.enter(counts_);
  if (receipt_->empty()) {
    counts_ = {};
    return;
  }
  batch_->urgent = receipt_->owes_replies();
  batch_->action = std::move(receipt_);
  shared_.journal.append(journal::Lane::reception, std::move(batch_));
  start_batch();
}

void Reception::start_batch() {
  batch_ = shared_.journal.new_batch();
  receipt_ = std::make_unique<BatchReceipt>(port_, arena_, shared_.duplicates, shared_.ledger,
                                            shared_.clock);
  counts_ = {};
}

void Reception::process_one(const Datagram& datagram) {
  auto decoded = protocol::decode(datagram.payload, shared_.config.limits.varbinds, scratch_,
                                  v3_.get(), received_boot_);
  if (!decoded) return turn_away(datagram, decoded.error());
  if (!grant_access(datagram, *decoded)) return;
  TrapMessage& message = decoded->message;
  message.peer = datagram.peer;
  message.local = datagram.local;
  message.listener = listener_;
  message.received_at = received_at_;
  shared_.access.attribute(message);
  if (message.pdu == protocol::PduKind::inform) return accept_inform(datagram, *decoded);
  store(*decoded, {});
}

// What came by SNMPv3 has shown its user to decoding already.
bool Reception::grant_access(const Datagram& datagram, protocol::Decoded& decoded) {
  if (decoded.message.version == protocol::Version::v3) return true;
  const auto community = shared_.access.check(decoded.community, datagram.peer.ip);
  if (!community) {
    refuse(datagram, community.error());
    return false;
  }
  decoded.message.community = *community;
  return true;
}

bool Reception::admit(const Datagram& datagram) {
  switch (admission_.admit(datagram.peer.ip, received_boot_)) {
    case Admitted::yes: break;
    case Admitted::not_allowed: refuse(datagram, RefusalReason::source_not_allowed); return false;
    case Admitted::limited:
      ++counts_.limited;
      shared_.log.write_limited(limited_site_, base::LogLevel::warning, "reception.limited",
                                "source is over sources.limit: datagram dropped",
                                {{"peer", datagram.peer.to_string()}, {"listener", listener_}});
      return false;
  }
  if (!datagram.truncated) return true;
  ++counts_.oversized;
  shared_.log.write_limited(malformed_site_, base::LogLevel::warning, "reception.oversized",
                            "datagram is longer than UDP allows: dropped",
                            {{"peer", datagram.peer.to_string()}, {"listener", listener_}});
  return false;
}

void Reception::turn_away(const Datagram& datagram, const protocol::DecodeError& error) {
  if (error.kind == DecodeErrorKind::unsupported_version) {
    return refuse(datagram, RefusalReason::version_not_supported);
  }
  if (error.kind == DecodeErrorKind::usm_refused) return refuse_v3(datagram);
  if (error.kind == DecodeErrorKind::not_a_notification) {
    ++counts_.protocol;
  } else {
    ++counts_.malformed[static_cast<std::size_t>(error.kind)];
  }
  shared_.log.write_limited(malformed_site_, base::LogLevel::warning, "reception.malformed",
                            "datagram is not a notification: dropped",
                            {{"reason", protocol::name_of(error.kind)},
                             {"offset", error.offset},
                             {"bytes", datagram.payload.size()},
                             {"peer", datagram.peer.to_string()},
                             {"listener", listener_}});
}

void Reception::refuse(const Datagram& datagram, RefusalReason reason) {
  ++counts_.refused[static_cast<std::size_t>(reason)];
  shared_.log.write_limited(
      refused_site_, base::LogLevel::warning, "reception.refused", "datagram refused",
      {{"reason", name_of(reason)}, {"peer", datagram.peer.to_string()}, {"listener", listener_}});
}

void Reception::refuse_v3(const Datagram& datagram) {
  const protocol::usm::V3Trace& trace = v3_->trace();
  const auto reason = refusal_of(trace.refusal);
  if (!trace.report.empty()) send_report(datagram, trace);
  ++(reason ? counts_.refused[static_cast<std::size_t>(*reason)] : counts_.protocol);
  if (trace.refusal == V3Refusal::discovery) return;
  // Senders of informs learn our time like this, each of them after each start of ours.
  const bool learns = trace.refusal == V3Refusal::not_in_time_window && trace.engine_is_ours;
  const std::string engine_id = engine_id_text(trace.engine_id);
  shared_.log.write_limited(learns ? time_told_site_ : refused_v3_site_,
                            learns ? base::LogLevel::info : base::LogLevel::warning,
                            learns ? "reception.v3_time_told" : "reception.v3_refused",
                            learns ? "sender did not know our time: told by a Report, it asks again"
                                   : advice_of(trace.refusal),
                            {{"reason", protocol::usm::name_of(trace.refusal)},
                             {"user", trace.user},
                             {"level", protocol::name_of(trace.level)},
                             {"engine_id", engine_id},
                             {"engine_boots", trace.boots},
                             {"engine_time", trace.time},
                             {"peer", datagram.peer.to_string()},
                             {"listener", listener_}});
}

// A Report needs no commit: it promises nothing.
void Reception::send_report(const Datagram& datagram, const protocol::usm::V3Trace& trace) {
  if (!trace.report_is_authenticated &&
      !shared_.v3->reports.grant(datagram.peer.ip, received_boot_)) {
    ++counts_.reports_withheld;
    return;
  }
  const Reply report{trace.report, datagram.peer, datagram.local.ip, datagram.interface};
  counts_.reports += port_.send({&report, 1});
}

void Reception::accept_inform(const Datagram& datagram, protocol::Decoded& decoded) {
  const std::uint64_t mark = arena_.mark();
  const Reply reply = reply_to(datagram, decoded.message.version);
  if (reply.payload.empty() && reply.payload.data() != nullptr) {
    // No Response is short enough for its sender (RFC 3416 §4.2.3): snmpSilentDrops.
    arena_.take_back(mark);
    ++counts_.protocol;
    return;
  }
  if (reply.payload.empty()) {
    // No room to remember the answer: as if the datagram had not come. The sender tries again.
    ++counts_.shed;
    return;
  }
  const auto digest = journal::inform_digest(decoded.message, decoded.pdu, shared_.seed);
  switch (shared_.duplicates.look_up(digest, received_boot_)) {
    case InformDuplicates::Seen::never:
      receipt_->add_reply(reply, digest, true);
      store(decoded, digest);
      return;
    case InformDuplicates::Seen::full: ++counts_.shed; return;
    case InformDuplicates::Seen::pending:
    case InformDuplicates::Seen::durable:
      // Through the queue in either case: behind its original, and one way for replies to go out.
      ++counts_.duplicate;
      receipt_->add_reply(reply, digest, false);
      return;
  }
}

Reply Reception::reply_to(const Datagram& datagram, protocol::Version version) {
  const bool v3 = version == protocol::Version::v3;
  const auto room =
      arena_.take(v3 ? v3_->response_room() : datagram.payload.size() + kResponseSlackBytes);
  if (room.empty()) return {};
  const std::size_t size =
      v3 ? v3_->respond(received_boot_, room) : protocol::encode_response(datagram.payload, room);
  return {room.first(size), datagram.peer, datagram.local.ip, datagram.interface};
}

void Reception::store(protocol::Decoded& decoded, const journal::InformDigest& digest) {
  TrapMessage& message = decoded.message;
  bool has_community = false;
  for (const protocol::VarBind& varbind : message.raw_varbinds) {
    has_community = has_community || is_trap_community(varbind);
  }
  if (has_community) message.flags.add(Tolerance::community_blanked);
  const auto payload = batch_->add(journal::RecordType::event,
                                   journal::event_bytes(message, decoded.pdu), received_at_);
  const auto copy = journal::encode_event(message, decoded.pdu, digest, payload);
  if (has_community) blank_community(message, decoded.pdu, copy);
  receipt_->add_event();
  for (auto bits = message.flags.bits(); bits != 0; bits &= bits - 1) {
    ++counts_.tolerances[static_cast<std::size_t>(std::countr_zero(bits))];
  }
}

// A relay's copy of another gateway's community must not reach the disk.
void Reception::blank_community(const TrapMessage& message, base::Bytes pdu,
                                base::MutableBytes copy) const {
  for (const protocol::VarBind& varbind : message.raw_varbinds) {
    const base::Bytes content = varbind.value.content;
    if (!is_trap_community(varbind) || content.empty()) continue;
    if (content.data() < pdu.data() || content.data() >= pdu.data() + pdu.size()) continue;
    const auto at = static_cast<std::size_t>(content.data() - pdu.data());
    std::memset(copy.data() + at, '*', content.size());
  }
}

}  // namespace trapline::gateway
