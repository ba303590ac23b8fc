#include "gateway/commands/inform_exchange.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "protocol/community_message.h"
#include "protocol/decode.h"
#include "protocol/pdu.h"

namespace trapline::gateway {
namespace {

std::int32_t number_of(base::Bytes octets) {
  return static_cast<std::int32_t>(protocol::signed_number(octets));
}

// The next Response to `request_id` that arrives before `deadline`; errors go to `trouble`.
std::optional<InformResponse> await_response(int socket, std::int32_t request_id,
                                             SteadyClock::time_point deadline,
                                             std::string& trouble) {
  std::vector<std::byte> datagram;
  while (await_datagram(socket, deadline, datagram, trouble)) {
    const auto response = read_inform_response(datagram);
    if (response && response->request_id == request_id) return response;
  }
  return std::nullopt;
}

}  // namespace

std::optional<InformResponse> read_inform_response(base::Bytes datagram) {
  std::vector<std::byte> room;
  protocol::BerContext context(datagram, room);
  protocol::CommunityMessage message;
  if (!protocol::read_community_message(datagram, context, message)) return std::nullopt;
  return read_response_pdu(message.pdu);
}

std::optional<InformResponse> read_response_pdu(base::Bytes pdu) {
  std::vector<std::byte> room;
  protocol::BerContext context(pdu, room);
  base::Bytes content;
  if (!protocol::BerReader(pdu, context).read(protocol::tag::kResponse, content)) {
    return std::nullopt;
  }
  protocol::PduHeader header;
  protocol::BerReader reader(content, context);
  if (!protocol::read_pdu_header(reader, header)) return std::nullopt;
  return InformResponse{header.request_id, number_of(header.error_status),
                        number_of(header.error_index)};
}

bool await_datagram(int socket, SteadyClock::time_point deadline, std::vector<std::byte>& datagram,
                    std::string& trouble) {
  datagram.resize(protocol::kMaxDatagramBytes);
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now());
    pollfd waiting{socket, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) == 0) return false;
    const ssize_t size = ::recv(socket, datagram.data(), datagram.size(), MSG_DONTWAIT);
    if (size >= 0) {
      datagram.resize(static_cast<std::size_t>(size));
      return true;
    }
    if (errno != EAGAIN && errno != EINTR) trouble = std::strerror(errno);
  }
}

ExchangeResult exchange_inform(const ConnectedUdpSocket& socket, base::Bytes datagram,
                               std::int32_t request_id, std::chrono::milliseconds timeout,
                               unsigned retries) {
  ExchangeResult result;
  const SteadyClock::time_point began = SteadyClock::now();
  while (!result.response && result.attempts <= retries) {
    ++result.attempts;
    const SteadyClock::time_point deadline = SteadyClock::now() + timeout;
    // An ICMP error of an earlier attempt is reported by the next call: it concerns no new one.
    if (::send(socket.descriptor(), datagram.data(), datagram.size(), 0) < 0) {
      result.trouble = std::strerror(errno);
      (void)::send(socket.descriptor(), datagram.data(), datagram.size(), 0);
    }
    result.response = await_response(socket.descriptor(), request_id, deadline, result.trouble);
  }
  result.latency = SteadyClock::now() - began;
  return result;
}

}  // namespace trapline::gateway
