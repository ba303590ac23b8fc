// What must hold of `decode` for any input: checked by the fuzzer and, on its seeds, by the tests.
#pragma once

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "protocol/community_message.h"
#include "protocol/decode.h"
#include "protocol/encode.h"
#include "protocol/notification_content.h"
#include "protocol/pdu.h"
#include "protocol/translation.h"
#include "protocol/value_codec.h"

namespace trapline::fuzz {

using base::Bytes;
using protocol::OidView;
using protocol::TrapMessage;
using protocol::Value;
using protocol::ValueType;
using protocol::VarBind;

// Ends the process, so that the fuzzer keeps the input; in a test the message is what is left to
// read.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken invariant: %s\n", what);
  std::abort();
}

// True when `part` views octets of `whole` only.
inline bool lies_in(Bytes part, Bytes whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

// The views of one message must lie in what it was decoded from.
struct Home {
  Bytes input;
  Bytes room;

  // True when `part` lies in either.
  [[nodiscard]] bool holds(Bytes part) const { return lies_in(part, input) || lies_in(part, room); }
};

// An OID handed out is canonical, within its limit, and its text means the same OID.
inline void check_oid(OidView oid) {
  std::vector<std::byte> room;
  protocol::BerContext context(oid.content(), room);
  const auto again = protocol::accept_oid(oid.content(), context);
  require(again.has_value() && *again == oid && room.empty(), "an OID is canonical");
  require(oid.size() <= protocol::kMaxSubIdentifiers, "an OID has its limit");
  const auto parsed = protocol::Oid::parse(oid.to_string());
  require(parsed && (oid.empty() || parsed->view() == oid), "an OID survives its text");
}

// A varbind handed out views what it may view.
inline void check_varbind(const VarBind& varbind, const Home& home) {
  check_oid(varbind.name);
  require(home.holds(varbind.name.content()), "a name lies in the input or the room");
  require(home.holds(varbind.value.content), "a value lies in the input or the room");
  if (varbind.value.type == ValueType::object_identifier) check_oid(varbind.value.as_oid());
  if (varbind.value.type == ValueType::ip_address) {
    require(varbind.value.content.size() == 4, "an IpAddress has four octets");
  }
}

// The same of a whole message.
inline void check_message(const TrapMessage& message, const Home& home) {
  check_oid(message.trap_oid);
  check_oid(message.enterprise);
  require(home.holds(message.enterprise.content()), "the enterprise lies in the input or the room");
  require(message.varbinds.size() <= message.raw_varbinds.size() &&
              message.raw_varbinds.size() <= message.varbinds.size() + 2,
          "at most the two standard varbinds are left out");
  for (const VarBind& varbind : message.raw_varbinds) check_varbind(varbind, home);
  for (const VarBind& varbind : message.varbinds) check_varbind(varbind, home);
}

// Equal in every field, octet by octet.
inline bool same_value(const Value& a, const Value& b) {
  return a.type == b.type && a.tag == b.tag && a.number == b.number &&
         base::equal(a.content, b.content);
}

// The same of lists.
inline bool same_varbinds(std::span<const VarBind> a, std::span<const VarBind> b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].name != b[i].name || !same_value(a[i].value, b[i].value)) return false;
  }
  return true;
}

// Everything that decoding fills but the flags, of which the message around the PDU may have more.
inline bool same_message(const TrapMessage& a, const TrapMessage& b) {
  return a.version == b.version && a.pdu == b.pdu && a.request_id == b.request_id &&
         a.trap_oid == b.trap_oid && a.enterprise == b.enterprise && a.generic == b.generic &&
         a.specific == b.specific && a.uptime == b.uptime && a.claimed_agent == b.claimed_agent &&
         a.claimed_via == b.claimed_via && same_varbinds(a.raw_varbinds, b.raw_varbinds) &&
         same_varbinds(a.varbinds, b.varbinds);
}

// The journal keeps the PDU alone: it must say the same again.
inline void check_pdu_alone(const protocol::Decoded& decoded, std::uint16_t max_varbinds) {
  static protocol::DecodeScratch scratch;
  const TrapMessage& message = decoded.message;
  const auto again = protocol::decode_pdu(decoded.pdu, message.version, max_varbinds, scratch);
  require(again.has_value(), "a PDU that was accepted is accepted again");
  require(same_message(message, *again), "a PDU says the same without its message");
  require((again->flags.bits() & ~message.flags.bits()) == 0, "a PDU alone has no flags more");
}

// The fields of a Response, when it is one.
struct Answer {
  protocol::PduHeader header;
  bool answers = false;
};

// Takes a Response apart; views `octets`.
inline Answer read_answer(Bytes octets) {
  std::vector<std::byte> room;
  protocol::BerContext context(octets, room);
  protocol::CommunityMessage message;
  Answer answer;
  if (!protocol::read_community_message(octets, context, message)) return answer;
  protocol::BerReader pdu(message.pdu, context);
  Bytes content;
  if (!pdu.read(protocol::tag::kResponse, content)) return answer;
  protocol::BerReader fields(content, context);
  answer.answers = protocol::read_pdu_header(fields, answer.header);
  return answer;
}

// True of no octets at all, too.
inline bool all_zero(Bytes octets) {
  for (const std::byte octet : octets) {
    if (octet != std::byte{0}) return false;
  }
  return true;
}

// An inform is answered by a well-formed Response to it, and nothing else is answered.
inline void check_response(Bytes datagram, const TrapMessage& message) {
  std::vector<std::byte> out(datagram.size() + 16);
  const std::size_t size = protocol::encode_response(datagram, out);
  require((size != 0) == (message.pdu == protocol::PduKind::inform), "informs alone are answered");
  if (size == 0) return;
  require(size <= datagram.size(), "a Response is no longer than its inform");
  const Bytes response = Bytes(out).first(size);
  const Answer answer = read_answer(response);
  require(answer.answers && answer.header.request_id == message.request_id,
          "a Response has the request-id of its inform");
  require(all_zero(answer.header.error_status) && all_zero(answer.header.error_index),
          "a Response reports no error");
  static protocol::DecodeScratch scratch;
  const auto refused = protocol::decode(response, protocol::kHighestMaxVarbinds, scratch);
  require(!refused && refused.error().kind == protocol::DecodeErrorKind::not_a_notification,
          "a Response is well formed");
}

// What was read can be sent on, and reads the same.
inline void check_sent_on(const TrapMessage& message) {
  std::vector<std::byte> out;
  const protocol::Notification notification{.pdu = message.pdu,
                                            .request_id = message.request_id,
                                            .uptime = message.uptime,
                                            .trap_oid = message.trap_oid,
                                            .varbinds = message.varbinds};
  protocol::encode_v2c(notification, base::as_bytes("public"), out);
  static protocol::DecodeScratch scratch;
  const auto again = protocol::decode(out, UINT16_MAX, scratch);
  require(again.has_value(), "what was read can be sent on");
  require(again->message.uptime == message.uptime, "uptime is sent on");
  require(again->message.trap_oid == message.trap_oid || message.trap_oid.empty(),
          "the trap OID is sent on");
  require(again->message.varbinds.size() == message.varbinds.size(), "no varbind is lost");
  for (std::size_t i = 0; i < message.varbinds.size(); ++i) {
    const Value& before = message.varbinds[i].value;
    const Value& after = again->message.varbinds[i].value;
    require(before.type == after.type, "a value keeps its type");
    if (before.type == ValueType::octet_string || before.type == ValueType::raw ||
        before.type == ValueType::opaque) {
      require(same_value(before, after), "octets are sent on as they came");
    }
  }
}

// What it says, and who it is told to come from, as the guard against loops asks.
inline std::vector<std::byte> content_of(const TrapMessage& message) {
  std::vector<std::byte> content;
  protocol::append_content(message, protocol::told_origin(message), content);
  return content;
}

// A float that is no number, or octets that look like one, may settle in another of its forms.
inline bool may_settle(const TrapMessage& message) {
  for (const VarBind& varbind : message.varbinds) {
    const ValueType type = varbind.value.type;
    if (type == ValueType::raw || type == ValueType::opaque_float) return true;
  }
  return false;
}

// One that was forwarded, and came back by way of somebody else, is known again.
inline void check_known_again(const TrapMessage& message, Bytes forwarded) {
  protocol::DecodeScratch scratch;
  const auto again = protocol::decode(forwarded, UINT16_MAX, scratch);
  if (!again) {
    require(message.varbinds.size() + 4 > UINT16_MAX ||
                again.error().kind == protocol::DecodeErrorKind::oid_too_long,
            "what was forwarded can be read");
    return;
  }
  TrapMessage back = again->message;
  back.agent = base::IpAddress::v4({10, 0, 0, 1});
  require(protocol::told_origin(back) == protocol::told_origin(message), "an origin is kept");
  if (!may_settle(message)) {
    require(content_of(back) == content_of(message), "a notification is known in every version");
  }
}

// The same towards both kinds of receiver.
inline void check_forwarded(TrapMessage message) {
  message.agent = base::IpAddress::v4({192, 0, 2, 1});
  protocol::TranslationRoom room;
  std::vector<std::byte> out;
  protocol::encode_v2c({.pdu = message.pdu,
                        .request_id = 1,
                        .uptime = message.uptime,
                        .trap_oid = message.trap_oid,
                        .varbinds = protocol::to_v2_varbinds(message, room)},
                       base::as_bytes("public"), out);
  check_known_again(message, out);
  const protocol::TranslatedV1 v1 = protocol::to_v1(message);
  out.clear();
  protocol::encode_v1(
      {v1.enterprise, v1.agent_addr, v1.generic, v1.specific, v1.uptime, v1.varbinds},
      base::as_bytes("public"), out);
  check_known_again(message, out);
}

// One input through everything.
inline void check_decode(Bytes datagram, std::uint16_t max_varbinds) {
  static protocol::DecodeScratch scratch;
  const auto decoded = protocol::decode(datagram, max_varbinds, scratch);
  if (!decoded) {
    require(decoded.error().offset <= datagram.size(), "an offset lies in the input");
    std::array<std::byte, 64> small{};
    static_cast<void>(protocol::encode_response(datagram, small));
    return;
  }
  require(lies_in(decoded->community, datagram) && lies_in(decoded->pdu, datagram),
          "community and PDU lie in the input");
  require(decoded->community.size() <= protocol::kMaxCommunityBytes, "a community has its limit");
  require(decoded->message.raw_varbinds.size() <= max_varbinds, "varbinds have their limit");
  check_message(decoded->message, {datagram, Bytes(scratch.canonical)});
  check_pdu_alone(*decoded, max_varbinds);
  check_response(datagram, decoded->message);
  check_sent_on(decoded->message);
  check_forwarded(decoded->message);
}

}  // namespace trapline::fuzz
