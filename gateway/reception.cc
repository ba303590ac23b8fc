#include "gateway/reception.h"

#include <bit>
#include <cstring>

#include "gateway/journal/digest.h"
#include "protocol/encode.h"

namespace trapline::gateway {
namespace {

using protocol::DecodeErrorKind;
using protocol::Tolerance;
using protocol::TrapMessage;

// Responses that wait for commits, per listener: more than a full append queue can owe.
constexpr std::size_t kArenaBytes = 64U << 20;
// What a Response may need beyond the inform's own octets.
constexpr std::size_t kResponseSlackBytes = 16;
// Records are handed over at this size at the latest, however large the datagrams: a batch is
// committed as a whole, and what the journal keeps for others must stay untouched.
constexpr std::size_t kHandOverBytes = 256U << 10;

// snmpTrapCommunity.0, 1.3.6.1.6.3.18.1.4.0
constexpr std::byte kTrapCommunity[] = {std::byte{0x2b}, std::byte{6}, std::byte{1},
                                        std::byte{6},    std::byte{3}, std::byte{18},
                                        std::byte{1},    std::byte{4}, std::byte{0}};

bool is_trap_community(const protocol::VarBind& varbind) {
  return varbind.name == protocol::OidView(kTrapCommunity);
}

}  // namespace

Reception::Reception(const ReceptionShared& shared, std::string_view listener, DatagramPort& port)
    : shared_(shared),
      listener_(listener),
      port_(port),
      admission_(shared.config.sources, shared.table_seed),
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
  for (const Datagram& datagram : datagrams) {
    ++counts_.received;
    counts_.received_bytes += datagram.payload.size();
    if (shed) {
      ++counts_.shed;
    } else {
      process_one(datagram);
    }
    if (batch_->bytes().size() >= kHandOverBytes) hand_over();
  }
  if (counts_.shed != 0) {
    shared_.log.write_limited(shed_site_, base::LogLevel::error, "reception.shed",
                              "the journal cannot store: datagrams are dropped unanswered",
                              {{"listener", listener_}, {"count", counts_.shed}});
  }
  hand_over();
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
  if (!admit(datagram)) return;
  auto decoded = protocol::decode(datagram.payload, shared_.config.limits.varbinds, scratch_);
  if (!decoded) return turn_away(datagram, decoded.error());
  const auto community = shared_.access.check(decoded->community, datagram.peer.ip);
  if (!community) return refuse(datagram, community.error());
  TrapMessage& message = decoded->message;
  message.community = *community;
  message.peer = datagram.peer;
  message.local = datagram.local;
  message.listener = listener_;
  message.received_at = received_at_;
  shared_.access.attribute(message);
  if (message.pdu == protocol::PduKind::inform) return accept_inform(datagram, *decoded);
  store(*decoded, {});
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

void Reception::accept_inform(const Datagram& datagram, protocol::Decoded& decoded) {
  const Reply reply = reply_to(datagram);
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

Reply Reception::reply_to(const Datagram& datagram) {
  const auto room = arena_.take(datagram.payload.size() + kResponseSlackBytes);
  if (room.empty()) return {};
  const std::size_t size = protocol::encode_response(datagram.payload, room);
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
