// What goes back: Reports (RFC 3412 §7.1 step 3, RFC 3414 §3.2, §4) and Responses.

#include "protocol/encode.h"
#include "protocol/pdu.h"
#include "protocol/usm/inbound_state.h"
#include "protocol/usm/usm_stats.h"

namespace trapline::protocol::usm {
namespace {

// No Report may be of use for amplification: this much of its request, and what a configured
// engineID has more than the twelve octets of a generated one, twice.
constexpr std::size_t kReportPerCent = 195;
constexpr std::size_t kGeneratedEngineIdBytes = 12;

// What a Response may have more than its inform: boots and time in more octets, a salt, padding.
constexpr std::size_t kResponseSlackBytes = 64;

constexpr std::int64_t kTooBig = 1;  // RFC 3416 §3

bool is_confirmed(std::uint8_t pdu) {
  constexpr std::uint8_t kGetNextRequest = 0xa1, kSetRequest = 0xa3, kGetBulkRequest = 0xa5;
  return pdu == tag::kGetRequest || pdu == kGetNextRequest || pdu == kSetRequest ||
         pdu == kGetBulkRequest || pdu == tag::kInformRequest;
}

std::size_t most_octets(std::size_t request, std::size_t engine_id) {
  const std::size_t more =
      engine_id > kGeneratedEngineIdBytes ? 2 * (engine_id - kGeneratedEngineIdBytes) : 0;
  return request * kReportPerCent / 100 + more;
}

}  // namespace

void Inbound::State::refuse(V3Refusal refusal, base::BootTime now) {
  trace_.refusal = refusal;
  const auto stat = stat_of(refusal);
  // Whose time window it is counts (RFC 3414 §3.2 step 7).
  if (!stat || (refusal == V3Refusal::not_in_time_window && !trace_.engine_is_ours)) return;
  const std::uint32_t value = (shared_.stats.*stat->counter).fetch_add(1) + 1;
  prepare_report(refusal, value, now);
}

Inbound::State::Glance Inbound::State::glance() const {
  std::vector<std::byte> no_room;
  BerContext context(message_.whole, no_room);
  ScopedPduFields fields = scoped_;
  if (!opened_) {
    BerReader reader(message_.data, context);
    if (has_flag(msg_flag::kPriv) || !read_scoped_pdu(reader, fields)) return {};
  }
  Element pdu;
  if (!BerReader(fields.pdu, context).read_any(pdu)) return {};
  if (pdu.tag < tag::kGetRequest || pdu.tag > tag::kReport) return {};
  Glance seen{true, is_confirmed(pdu.tag), 0};
  BerReader content(pdu.content, context);
  if (!seen.confirmed || !content.read_int32(seen.request_id)) seen.request_id = 0;
  return seen;
}

void Inbound::State::prepare_report(V3Refusal refusal, std::uint32_t value, base::BootTime now) {
  const Glance seen = glance();
  if (!(seen.readable ? seen.confirmed : has_flag(msg_flag::kReportable))) return;
  BerBackWriter pdu(pdu_.bytes());
  put_report_pdu(*stat_of(refusal), value, seen.request_id, pdu);
  // The level is that of the message only where it teaches our time; nothing else is signed.
  const bool is_signed = refusal == V3Refusal::not_in_time_window;
  OutgoingMessage report = answer(is_signed ? msg_flag::kAuth : 0, pdu.written(), now);
  report.scoped.context_engine_id = shared_.engine.id;
  report.scoped.context_name = {};
  const base::Bytes octets = writer_.write(report, is_signed ? in_use_ : nullptr);
  if (octets.size() > most_octets(message_.whole.size(), shared_.engine.id.size())) return;
  trace_.report = octets;
  trace_.report_is_authenticated = trace_.authenticated;
}

OutgoingMessage Inbound::State::answer(std::uint8_t flags, base::Bytes pdu,
                                       base::BootTime now) const {
  return {.header = {.msg_id = trace_.msg_id, .flags = flags},
          .security = {.engine_id = shared_.engine.id,
                       .boots = shared_.engine.boots,
                       .time = shared_.engine.time_at(now),
                       .user = security_.user,
                       .digest = {},
                       .salt = {}},
          .scoped = {scoped_.context_engine_id, scoped_.context_name, pdu}};
}

std::size_t Inbound::State::response_room() const {
  return message_.whole.size() + kResponseSlackBytes;
}

std::size_t Inbound::State::respond(base::BootTime now, base::MutableBytes out) {
  if (!opened_) return 0;
  const std::size_t size = encode_response_pdu(scoped_.pdu, pdu_.bytes());
  if (size == 0) return 0;
  const auto flags = static_cast<std::uint8_t>(trace_.flags & (msg_flag::kAuth | msg_flag::kPriv));
  base::Bytes octets = writer_.write(answer(flags, pdu_.bytes().first(size), now), in_use_);
  if (octets.empty() || octets.size() > static_cast<std::size_t>(trace_.max_size)) {
    octets = writer_.write(answer(flags, too_big_pdu(), now), in_use_);
  }
  // Names without end around a PDU can make even that one too long.
  if (octets.size() > std::min(out.size(), static_cast<std::size_t>(trace_.max_size))) return 0;
  std::copy(octets.begin(), octets.end(), out.begin());
  return octets.size();
}

base::Bytes Inbound::State::too_big_pdu() {
  BerBackWriter writer(pdu_.bytes());
  writer.close(tag::kSequence, 0);
  writer.put_signed(tag::kInteger, 0);
  writer.put_signed(tag::kInteger, kTooBig);
  writer.put_signed(tag::kInteger, glance().request_id);
  writer.close(tag::kResponse, 0);
  return writer.written();
}

}  // namespace trapline::protocol::usm
