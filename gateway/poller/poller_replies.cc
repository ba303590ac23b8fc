// The poller's answers: which question a datagram belongs to, and whether to believe it.
//
// What cannot be told to be the device's answer never ends a question: anybody can send a datagram
// with the device's address. It is counted, and told when the time is up.

#include <algorithm>

#include "gateway/poller/exchange.h"
#include "gateway/poller/poller.h"
#include "gateway/poller/report_advice.h"
#include "protocol/community_message.h"
#include "protocol/decode.h"
#include "protocol/v3_message.h"

namespace trapline::gateway {
namespace {

namespace usm = protocol::usm;
using protocol::BerContext;
using protocol::DecodeErrorKind;
using usm::ReportKind;

}  // namespace

void Poller::on_datagram(const base::Endpoint& from, base::Bytes datagram) {
  ++counters_.received;
  room_.clear();
  room_.reserve(datagram.size());
  if (datagram.size() > protocol::kMaxDatagramBytes) {
    note_unreadable(from, "too long");
  } else {
    on_community(from, datagram);
  }
  deliver();
  begin_what_may(clock_.boot());
  arrange_wake();
}

void Poller::on_community(const base::Endpoint& from, base::Bytes datagram) {
  BerContext context(datagram, room_);
  protocol::CommunityMessage message;
  if (!read_community_message(datagram, context, message)) {
    if (context.error.kind == DecodeErrorKind::unsupported_version) return on_v3(from, datagram);
    return note_unreadable(from, describe(context.error));
  }
  const bool readable =
      read_response(message.pdu, protocol::kHighestMaxVarbinds, context, response_);
  if (!readable && response_.request_id == 0) {
    return note_unreadable(from, describe(context.error));
  }
  Exchange* const exchange = expected(from, response_.request_id, response_.request_id);
  if (exchange == nullptr) return;
  if (!readable || message.version != exchange->device.access->version) {
    ++counters_.malformed;
    exchange->unreadable = true;
    exchange->trouble =
        "an answer came that cannot be read: " +
        (readable ? std::string("it is of another SNMP version") : describe(context.error));
    return;
  }
  complete(*exchange);
}

void Poller::on_v3(const base::Endpoint& from, base::Bytes datagram) {
  BerContext context(datagram, room_);
  protocol::V3Message message;
  bool has_header = false;
  if (!read_v3_message(datagram, context, message, has_header)) {
    return note_unreadable(from, describe(context.error));
  }
  const std::int32_t msg_id = message.header.msg_id;
  const auto asked = msg_ids_.find(msg_id);
  Exchange* const exchange = expected(from, msg_id, asked == msg_ids_.end() ? 0 : asked->second);
  if (exchange == nullptr) return;
  const auto reply = exchange->peer->originator.read(datagram, clock_.boot());
  std::string trouble;
  if (!reply) {
    trouble = reply.error();
  } else if (reply->kind == usm::ReplyKind::report) {
    ++counters_.reports;
    return on_report(*exchange, reply->report);
  } else {
    BerContext inner(reply->pdu, room_);
    if (!read_response(reply->pdu, protocol::kHighestMaxVarbinds, inner, response_)) {
      trouble = describe(inner.error);
    } else if (response_.request_id != exchange->request_id) {
      trouble = "it is to another request-id";
    }
  }
  if (trouble.empty()) return complete(*exchange);
  ++counters_.malformed;
  exchange->unreadable = true;
  exchange->trouble = "an answer came that cannot be taken: " + trouble;
}

// What teaches is taken once of each kind and answered at once; anything else is a refusal. After
// one that should have taught, whoever asks next gets to know the device anew.
void Poller::on_report(Exchange& exchange, ReportKind report) {
  const V3Access& access = *exchange.device.access->v3;
  const bool of_probe = exchange.probing && report == ReportKind::unknown_engine_id &&
                        !exchange.peer->originator.needs_discovery();
  bool* const told = report == ReportKind::unknown_engine_id    ? &exchange.engine_told
                     : report == ReportKind::not_in_time_window ? &exchange.time_told
                                                                : nullptr;
  // The engine that was named stays the one that is asked: anybody could send such a Report.
  const bool is_pinned = report == ReportKind::unknown_engine_id && !access.engine_id.empty();
  if (of_probe || (told != nullptr && !*told && !is_pinned)) {
    if (!of_probe) *told = true;
    exchange.has_met = true;
    send(exchange, clock_.boot());
    return;
  }
  GetAnswer answer;
  answer.outcome = GetOutcome::report;
  answer.reason = std::string(usm::name_of(report)) + ": " + advice_on(report, access);
  if (is_pinned) exchange.peer->originator.expect_engine(access.engine_id);
  if (told != nullptr) v3_peers_.forget(exchange.device.address, *exchange.device.access);
  end(exchange, std::move(answer), QuestionEnd::by_answer);
}

void Poller::complete(Exchange& exchange) {
  ++counters_.answered;
  end(exchange, judge_response(exchange.question, response_), QuestionEnd::by_answer);
}

Poller::Exchange* Poller::expected(const base::Endpoint& from, std::int32_t id,
                                   std::int32_t request_id) {
  const auto place = exchanges_.find(request_id);
  if (place != exchanges_.end() && place->second->device.address == from) {
    return place->second.get();
  }
  if (place != exchanges_.end()) {
    ++counters_.wrong_source;
    place->second->trouble = "an answer came from " + from.to_string() + " instead";
    return nullptr;
  }
  if (const auto end = ended_ids_.find(id)) {
    ++(*end == QuestionEnd::by_answer ? counters_.duplicates : counters_.late);
    return nullptr;
  }
  ++counters_.unmatched;
  const auto device = devices_.find(from);
  if (device == devices_.end()) return nullptr;
  for (const std::int32_t waiting : device->second.under_way) {
    Exchange& exchange = *exchanges_.at(waiting);
    if (exchange.unreadable) continue;
    exchange.trouble = "an answer came to another request: its id is " + std::to_string(id);
  }
  return nullptr;
}

// Whose it would be nobody can tell: all questions to that address hear of it.
void Poller::note_unreadable(const base::Endpoint& from, const std::string& what) {
  ++counters_.malformed;
  const auto device = devices_.find(from);
  if (device == devices_.end()) return;
  for (const std::int32_t waiting : device->second.under_way) {
    Exchange& exchange = *exchanges_.at(waiting);
    exchange.unreadable = true;
    exchange.trouble = "an answer came that cannot be read: " + what;
  }
}

}  // namespace trapline::gateway
