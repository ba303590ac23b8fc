// The way of a notification: message (community_message) → PDU (pdu, trap_pdu_v1) → TrapMessage,
// the same for every version (RFC 3584 §3.1).

#include "protocol/decode.h"

#include "protocol/ber_reader.h"
#include "protocol/community_message.h"
#include "protocol/pdu.h"
#include "protocol/translation.h"
#include "protocol/trap_pdu_v1.h"
#include "protocol/usm/inbound.h"
#include "protocol/well_known.h"

namespace trapline::protocol {
namespace {

// Rewritten OIDs of one message are never longer than the message; a v1 trap OID adds one OID more.
constexpr std::size_t room_needed(std::size_t message_bytes) {
  return message_bytes + kMaxOidBytes;
}

// Octets of 1.3.6.1.6.3, snmpModules.
constexpr std::size_t kSnmpModulesBytes = 5;

void prepare(base::Bytes input, DecodeScratch& scratch) {
  scratch.canonical.clear();
  scratch.canonical.reserve(room_needed(input.size()));
}

// An address worth claiming: 0.0.0.0 says "unknown".
std::optional<base::IpAddress> claim(std::array<std::uint8_t, 4> octets) {
  if (octets == std::array<std::uint8_t, 4>{}) return std::nullopt;
  return base::IpAddress::v4(octets);
}

// snmpTrapAddress.0 wins over agent-addr: a proxy forwarder adds it (RFC 3584 §3.1).
void note_origin(const VarBind& varbind, TrapMessage& message) {
  if (varbind.value.type == ValueType::ip_address &&
      varbind.name == well_known::snmp_trap_address_0()) {
    std::array<std::uint8_t, 4> octets{};
    std::memcpy(octets.data(), varbind.value.content.data(), octets.size());
    if (const auto address = claim(octets)) {
      message.claimed_agent = address;
      message.claimed_via = AgentVia::snmp_trap_address;
    }
  } else if (varbind.value.type == ValueType::object_identifier && message.enterprise.empty() &&
             varbind.name == well_known::snmp_trap_enterprise_0()) {
    message.enterprise = varbind.value.as_oid();
  }
}

// True for few names beside the four this file looks for: those below snmpModules, and sysUpTime.0.
// It costs one load, so that the others cost no comparison.
bool may_be_well_known(OidView name) {
  const base::Bytes content = name.content();
  if (content.size() < well_known::kSysUpTime0.size()) return false;
  return std::memcmp(content.data(), well_known::kSnmpTraps.data(), kSnmpModulesBytes) == 0 ||
         std::memcmp(content.data(), well_known::kSysUpTime0.data(),
                     well_known::kSysUpTime0.size()) == 0;
}

// Where the two standard varbinds stand, if they do.
struct StandardPlaces {
  static constexpr std::size_t kNone = SIZE_MAX;
  std::size_t uptime = kNone;
  std::size_t trap_oid = kNone;
};

void note_standard(const VarBind& varbind, std::size_t at, StandardPlaces& places,
                   Tolerances& flags) {
  if (varbind.name == well_known::sys_up_time_0()) {
    if (places.uptime == StandardPlaces::kNone && varbind.value.type == ValueType::time_ticks) {
      places.uptime = at;
    }
  } else if (varbind.name == well_known::snmp_trap_oid_0()) {
    if (varbind.value.type != ValueType::object_identifier) {
      flags.add(Tolerance::trap_oid_not_an_oid);
    } else if (places.trap_oid != StandardPlaces::kNone) {
      flags.add(Tolerance::repeated_trap_oid);
    } else {
      places.trap_oid = at;
    }
  }
}

void flag_places(const StandardPlaces& places, Tolerances& flags) {
  constexpr std::size_t kNone = StandardPlaces::kNone;
  if (places.uptime == kNone) flags.add(Tolerance::missing_uptime);
  if (places.trap_oid == kNone && !flags.has(Tolerance::trap_oid_not_an_oid)) {
    flags.add(Tolerance::missing_trap_oid);
  }
  if (places.uptime != kNone && places.trap_oid < places.uptime) {
    flags.add(Tolerance::trap_oid_before_uptime);
  }
  if ((places.uptime != kNone && places.uptime > 1) ||
      (places.trap_oid != kNone && places.trap_oid > 1)) {
    flags.add(Tolerance::late_standard_varbind);
  }
}

// All varbinds but the two standard ones: behind them where they come first, else a list of its
// own.
void leave_out_standard(const StandardPlaces& places, DecodeScratch& scratch,
                        TrapMessage& message) {
  const std::span<const VarBind> raw = message.raw_varbinds;
  if (places.uptime <= 1 && places.trap_oid <= 1) {
    message.varbinds = raw.subspan(2);
    return;
  }
  scratch.varbinds.clear();
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (i != places.uptime && i != places.trap_oid) scratch.varbinds.push_back(raw[i]);
  }
  message.varbinds = scratch.varbinds;
}

// RFC 3416 §4.2.6, §4.2.7.
void normalise_v2(DecodeScratch& scratch, Tolerances& flags, TrapMessage& message) {
  message.raw_varbinds = scratch.raw_varbinds;
  StandardPlaces places;
  for (std::size_t i = 0; i < message.raw_varbinds.size(); ++i) {
    if (!may_be_well_known(message.raw_varbinds[i].name)) continue;
    note_standard(message.raw_varbinds[i], i, places, flags);
    note_origin(message.raw_varbinds[i], message);
  }
  flag_places(places, flags);
  if (places.uptime != StandardPlaces::kNone) {
    const Value& ticks = message.raw_varbinds[places.uptime].value;
    message.uptime = static_cast<std::uint32_t>(ticks.number);
  }
  if (places.trap_oid != StandardPlaces::kNone) {
    message.trap_oid = message.raw_varbinds[places.trap_oid].value.as_oid();
  }
  leave_out_standard(places, scratch, message);
}

bool read_v2_pdu(BerReader& content, std::uint16_t max_varbinds, DecodeScratch& scratch,
                 TrapMessage& message) {
  PduHeader header;
  if (!read_pdu_header(content, header)) return false;
  const std::byte* const list = content.position();
  if (!read_varbinds(content, max_varbinds, scratch.raw_varbinds)) return false;
  if (scratch.raw_varbinds.empty()) {
    return content.context().fail(DecodeErrorKind::no_varbinds, list);
  }
  message.request_id = header.request_id;
  if (message.version == Version::v1) {
    content.context().flags.add(Tolerance::pdu_of_other_version);
  }
  normalise_v2(scratch, content.context().flags, message);
  return true;
}

void flag_v1(const TrapPduV1& trap, std::span<const VarBind> varbinds, Version version,
             Tolerances& flags) {
  if (version != Version::v1) flags.add(Tolerance::pdu_of_other_version);
  if (trap.generic < 0 || trap.generic > kEnterpriseSpecific) {
    flags.add(Tolerance::odd_generic_trap);
  }
  if (trap.specific < 0) flags.add(Tolerance::negative_specific_trap);
  for (const VarBind& varbind : varbinds) {
    if (varbind.value.type == ValueType::counter64) flags.add(Tolerance::pdu_of_other_version);
  }
}

bool read_v1_pdu(BerReader& content, std::uint16_t max_varbinds, DecodeScratch& scratch,
                 TrapMessage& message) {
  BerContext& context = content.context();
  const std::byte* const first = content.position();
  TrapPduV1 trap;
  if (!read_trap_pdu_v1(content, trap)) return false;
  if (!read_varbinds(content, max_varbinds, scratch.raw_varbinds)) return false;
  const auto trap_oid =
      v1_trap_oid(trap.enterprise, trap.generic, trap.specific, context.canonical);
  if (!trap_oid) return context.fail(DecodeErrorKind::oid_too_long, first);
  flag_v1(trap, scratch.raw_varbinds, message.version, context.flags);
  message.trap_oid = *trap_oid;
  message.enterprise = trap.enterprise;
  message.generic = trap.generic;
  message.specific = trap.specific;
  message.uptime = trap.time_stamp;
  message.raw_varbinds = scratch.raw_varbinds;
  message.varbinds = message.raw_varbinds;
  if (trap.agent_addr) message.claimed_agent = claim(*trap.agent_addr);
  if (message.claimed_agent) message.claimed_via = AgentVia::agent_addr;
  for (const VarBind& varbind : message.varbinds) note_origin(varbind, message);
  return true;
}

// A PDU that asks or answers: well formed it is none of ours, otherwise the error says where it
// ends being well formed.
bool refuse_other_pdu(const std::byte* pdu, BerReader& content, DecodeScratch& scratch) {
  PduHeader header;
  if (!read_pdu_header(content, header) ||
      !read_varbinds(content, kHighestMaxVarbinds, scratch.raw_varbinds)) {
    return false;
  }
  return content.context().fail(DecodeErrorKind::not_a_notification, pdu);
}

// Any PDU. `message.version` is set; the rest of what decoding fills is filled here.
bool read_pdu(base::Bytes pdu, BerReader::Scope scope, std::uint16_t max_varbinds,
              BerContext& context, DecodeScratch& scratch, TrapMessage& message) {
  BerReader reader(pdu, context, scope);
  const std::byte* const first = reader.position();
  Element element;
  if (!reader.read_any(element)) return false;
  if (!reader.at_end()) context.flags.add(Tolerance::trailing_bytes);
  BerReader content(element.content, context);
  bool done = false;
  switch (element.tag) {
    case tag::kTrapV2:
    case tag::kInformRequest:
      message.pdu = element.tag == tag::kTrapV2 ? PduKind::trap : PduKind::inform;
      done = read_v2_pdu(content, max_varbinds, scratch, message);
      break;
    case tag::kTrapV1: done = read_v1_pdu(content, max_varbinds, scratch, message); break;
    default:
      if ((element.tag & tag::kHighTagMark) == tag::kHighTagMark) {
        return context.fail(DecodeErrorKind::high_tag_number, first);
      }
      if (element.tag < tag::kGetRequest || element.tag > tag::kReport) {
        return context.fail(DecodeErrorKind::unexpected_tag, first);
      }
      return refuse_other_pdu(first, content, scratch);
  }
  if (!done) return false;
  if (!content.at_end()) context.flags.add(Tolerance::trailing_bytes);
  message.flags = context.flags;
  return true;
}

// Errors of a PDU that was read, but is not wanted: no key is to blame for them.
bool is_well_formed(DecodeErrorKind kind) {
  return kind == DecodeErrorKind::not_a_notification || kind == DecodeErrorKind::no_varbinds ||
         kind == DecodeErrorKind::too_many_varbinds;
}

void note_security(const usm::V3Trace& trace, const usm::ScopedPdu& scoped, TrapMessage& message) {
  message.version = Version::v3;
  message.msg_id = trace.msg_id;
  message.security = {.name = trace.user,
                      .level = trace.level,
                      .engine_id = trace.engine_id,
                      .context_engine_id = scoped.context_engine_id,
                      .context_name = scoped.context_name,
                      .engine_boots = trace.boots,
                      .engine_time = trace.time};
}

// RFC 3412 §7.2, and what it leaves to be done once the PDU is in the clear.
bool read_v3(base::Bytes datagram, std::uint16_t max_varbinds, BerContext& context,
             DecodeScratch& scratch, usm::Inbound& v3, base::BootTime now, Decoded& decoded) {
  usm::ScopedPdu scoped;
  if (!v3.open(datagram, now, context, scoped)) return false;
  const usm::V3Trace& trace = v3.trace();
  decoded.pdu = scoped.pdu;
  note_security(trace, scoped, decoded.message);
  if (!read_pdu(scoped.pdu, BerReader::Scope::inside_parent, max_varbinds, context, scratch,
                decoded.message)) {
    if (trace.level != SecurityLevel::auth_priv || is_well_formed(context.error.kind)) return false;
    v3.refuse_opened(usm::V3Refusal::unreadable_plaintext, now);
    context.error.kind = DecodeErrorKind::usm_refused;
    return false;
  }
  if (decoded.message.pdu == PduKind::trap || trace.engine_is_ours) return true;
  v3.refuse_opened(usm::V3Refusal::inform_for_other_engine, now);
  return context.fail(DecodeErrorKind::usm_refused, scoped.pdu.data());
}

}  // namespace

DecodeScratch::DecodeScratch() {
  raw_varbinds.reserve(kDefaultMaxVarbinds);
  canonical.reserve(room_needed(kMaxDatagramBytes));
}

base::Result<Decoded, DecodeError> decode(base::Bytes datagram, std::uint16_t max_varbinds,
                                          DecodeScratch& scratch) {
  prepare(datagram, scratch);
  BerContext context(datagram, scratch.canonical);
  base::Result<Decoded, DecodeError> result(boost::system::in_place_value);
  CommunityMessage message;
  if (read_community_message(datagram, context, message)) {
    Decoded& decoded = *result;
    decoded.community = message.community;
    decoded.pdu = message.pdu;
    decoded.message.version = message.version;
    if (read_pdu(message.pdu, BerReader::Scope::inside_parent, max_varbinds, context, scratch,
                 decoded.message)) {
      return result;
    }
  }
  result = context.error;
  return result;
}

base::Result<Decoded, DecodeError> decode(base::Bytes datagram, std::uint16_t max_varbinds,
                                          DecodeScratch& scratch, usm::Inbound* v3,
                                          base::BootTime now) {
  base::Result<Decoded, DecodeError> result = decode(datagram, max_varbinds, scratch);
  if (result || result.error().kind != DecodeErrorKind::unsupported_version || v3 == nullptr ||
      !v3->has_users()) {
    return result;
  }
  BerContext context(datagram, scratch.canonical);
  result.emplace();
  if (!read_v3(datagram, max_varbinds, context, scratch, *v3, now, *result)) {
    result = context.error;
  }
  return result;
}

base::Result<TrapMessage, DecodeError> decode_pdu(base::Bytes pdu, Version version,
                                                  std::uint16_t max_varbinds,
                                                  DecodeScratch& scratch) {
  prepare(pdu, scratch);
  BerContext context(pdu, scratch.canonical);
  base::Result<TrapMessage, DecodeError> result(boost::system::in_place_value);
  result->version = version;
  if (!read_pdu(pdu, BerReader::Scope::whole_input, max_varbinds, context, scratch, *result)) {
    result = context.error;
  }
  return result;
}

}  // namespace trapline::protocol
