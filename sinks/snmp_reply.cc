#include "sinks/snmp_reply.h"

#include <vector>

#include "protocol/ber_reader.h"
#include "protocol/community_message.h"
#include "protocol/decode.h"
#include "protocol/error_status.h"
#include "protocol/request.h"

namespace trapline::sinks {
namespace {

// error-status (RFC 3416 §3).
constexpr std::int32_t kGenErr = 5;
constexpr std::int32_t kNoAccess = 6;
constexpr std::int32_t kResourceUnavailable = 13;
constexpr std::int32_t kAuthorizationError = 16;

}  // namespace

std::optional<SnmpResponse> read_response_pdu(base::Bytes pdu) {
  std::vector<std::byte> room;
  room.reserve(pdu.size());
  protocol::BerContext context(pdu, room);
  protocol::ResponsePdu response;
  if (!protocol::read_response(pdu, protocol::kHighestMaxVarbinds, context, response)) {
    return std::nullopt;
  }
  return SnmpResponse{response.request_id, response.error_status};
}

std::optional<SnmpResponse> read_response_v2c(base::Bytes datagram, base::Bytes community) {
  std::vector<std::byte> no_room;
  protocol::BerContext context(datagram, no_room);
  protocol::CommunityMessage message;
  if (!protocol::read_community_message(datagram, context, message) ||
      message.version != protocol::Version::v2c || !base::equal(message.community, community)) {
    return std::nullopt;
  }
  return read_response_pdu(message.pdu);
}

InformFate fate_of(std::int32_t error_status) {
  switch (error_status) {
    case protocol::kNoError: return InformFate::delivered;
    case kGenErr:
    case kResourceUnavailable: return InformFate::again;
    case kNoAccess:
    case kAuthorizationError: return InformFate::destination_fails;
    default: return InformFate::refused;
  }
}

}  // namespace trapline::sinks
