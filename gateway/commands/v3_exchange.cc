#include "gateway/commands/v3_exchange.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace trapline::gateway {
namespace {

namespace usm = protocol::usm;
using usm::ReportKind;

// Discovery, time, and once more if the peer restarts in between.
constexpr int kMaxLessons = 4;

// msgID and request-id are positive, with room to count up.
std::int32_t fresh_id(base::Random& random) {
  return static_cast<std::int32_t>(random.next() & 0x3fff'ffffU) + 1;
}

bool teaches(ReportKind report) {
  return report == ReportKind::unknown_engine_id || report == ReportKind::not_in_time_window;
}

}  // namespace

V3Exchange::V3Exchange(const SnmpAccess& access, const ConnectedUdpSocket& socket,
                       const base::Clock& clock, base::Random& random)
    : access_(access),
      socket_(socket),
      clock_(clock),
      originator_(access.v3->user, salts_, {access.v3->level, access.v3->context_name, {}}),
      first_msg_id_(fresh_id(random)),
      next_msg_id_(first_msg_id_) {
  salts_.aes = random.next();
  salts_.des = static_cast<std::uint32_t>(random.next());
  if (!access.v3->engine_id.empty()) originator_.expect_engine(access.v3->engine_id);
}

ExchangeResult V3Exchange::ask(base::Bytes pdu, std::int32_t request_id) {
  ExchangeResult result;
  const auto began = SteadyClock::now();
  while (!result.response && !result.report && result.attempts <= access_.retries) {
    ++result.attempts;
    attempt(pdu, request_id, result);
  }
  result.latency = SteadyClock::now() - began;
  return result;
}

void V3Exchange::attempt(base::Bytes pdu, std::int32_t request_id, ExchangeResult& result) {
  SteadyClock::time_point deadline = SteadyClock::now() + access_.timeout;
  int lessons = 0;
  send(pdu, result.trouble);
  std::vector<std::byte> datagram;
  while (await_datagram(socket_.descriptor(), deadline, datagram, result.trouble)) {
    const auto reply = originator_.read(datagram, clock_.boot());
    if (!reply) {
      result.trouble = reply.error();
      continue;
    }
    if (!is_ours(*reply)) continue;
    if (reply->kind == usm::ReplyKind::response) {
      const auto response = read_response_pdu(reply->pdu);
      if (!response || response->request_id != request_id) continue;
      result.response = response;
      return;
    }
    if (!teaches(reply->report) || ++lessons > kMaxLessons) {
      result.report = reply->report;
      return;
    }
    deadline = SteadyClock::now() + access_.timeout;
    send(pdu, result.trouble);
  }
}

void V3Exchange::send(base::Bytes pdu, std::string& trouble) {
  message_.clear();
  if (originator_.needs_discovery()) {
    originator_.write_probe(next_msg_id_++, message_);
  } else {
    originator_.write(next_msg_id_++, pdu, true, clock_.boot(), message_);
  }
  // An ICMP error of an earlier message is reported by the next call: it concerns no new one.
  if (::send(socket_.descriptor(), message_.data(), message_.size(), 0) >= 0) return;
  trouble = std::strerror(errno);
  (void)::send(socket_.descriptor(), message_.data(), message_.size(), 0);
}

bool V3Exchange::is_ours(const usm::V3Reply& reply) const {
  return reply.msg_id >= first_msg_id_ && reply.msg_id < next_msg_id_;
}

}  // namespace trapline::gateway
