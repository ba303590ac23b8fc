#include "sinks/snmp_informs.h"

#include <algorithm>
#include <array>
#include <limits>

#include "protocol/error_status.h"

namespace trapline::sinks {
namespace {

using namespace std::chrono_literals;
using protocol::usm::ReplyKind;
using protocol::usm::ReportKind;

constexpr unsigned kMostLessons = 2;  // the engine, its time
constexpr auto kPause = 60s;          // of a destination that refuses everything, at least
constexpr auto kBusyPause = 2ms;
constexpr int kMostReplies = 4'096;  // taken in one go
constexpr std::int32_t kLastMsgId = std::numeric_limits<std::int32_t>::max() - 1;

bool teaches(ReportKind report) {
  return report == ReportKind::unknown_engine_id || report == ReportKind::not_in_time_window;
}

}  // namespace

SnmpInforms::SnmpInforms(const SnmpSinkOptions& options, DatagramLink& link, ForwardGuard& guard,
                         protocol::usm::Originator* v3, std::int32_t first_msg_id)
    : options_(options),
      link_(link),
      guard_(guard),
      v3_(v3),
      lanes_(options.lanes),
      next_msg_id_(first_msg_id),
      most_bytes_(options.max_message_bytes) {}

void SnmpInforms::forget() {
  for (Lane& lane : lanes_) lane = {};
  failed_ = false;
  probes_ = 0;
}

void SnmpInforms::add(unsigned lane, Inform inform) {
  lanes_[lane].informs.push_back(std::move(inform));
}

bool SnmpInforms::work(base::BootTime now, Answers& answers) {
  take_replies(now, answers);
  if (!failed_ && v3_ != nullptr && v3_->needs_discovery()) discover(now, answers);
  if (!failed_ && (v3_ == nullptr || !v3_->needs_discovery())) start_and_repeat(now, answers);
  return !failed_;
}

base::BootTime SnmpInforms::next_due() const {
  if (failed_ || empty()) return base::BootTime::max();
  if (v3_ != nullptr && v3_->needs_discovery()) return probe_due_;
  base::BootTime next = base::BootTime::max();
  for (const Lane& lane : lanes_) {
    if (lane.flight) {
      next = std::min(next, lane.flight->due);
    } else if (!lane.informs.empty()) {
      return {};
    }
  }
  return next;
}

bool SnmpInforms::empty() const {
  return std::ranges::all_of(lanes_, [](const Lane& lane) { return lane.informs.empty(); });
}

void SnmpInforms::take_replies(base::BootTime now, Answers& answers) {
  base::Endpoint from;
  for (int i = 0; i < kMostReplies && !failed_ && link_.receive(datagram_, from); ++i) {
    if (from != link_.peer()) continue;
    if (v3_ != nullptr) {
      take_v3_reply(now, answers);
    } else if (const auto response = read_response_v2c(datagram_, options_.community.reveal())) {
      heard_at_ = now;
      take_response(*response, answers);
    }
  }
}

void SnmpInforms::take_v3_reply(base::BootTime now, Answers& answers) {
  const auto reply = v3_->read(datagram_, now);
  if (!reply) return;
  heard_at_ = now;
  if (reply->max_size_bytes) {
    most_bytes_ = std::min(options_.max_message_bytes, *reply->max_size_bytes);
  }
  if (reply->kind == ReplyKind::report) return take_report(*reply, now, answers);
  if (const auto response = read_response_pdu(reply->pdu)) take_response(*response, answers);
}

void SnmpInforms::take_response(const SnmpResponse& response, Answers& answers) {
  for (Lane& lane : lanes_) {
    if (!lane.flight || lane.informs.front().request_id != response.request_id) continue;
    const std::string words =
        upstream() + " answered " + protocol::error_status_name(response.error_status);
    switch (fate_of(response.error_status)) {
      case InformFate::delivered:
        answers.delivered(lane.informs.front().sequence);
        lane.informs.pop_front();
        lane.flight.reset();
        return;
      case InformFate::refused: return reject(lane, words, answers);
      case InformFate::again:
        answers.retry_lane(lane.informs.front().sequence, 0ms, words);
        lane = {};
        return;
      case InformFate::destination_fails: return fail(kPause, words, answers);
    }
  }
}

// To a probe, or to an inform: what the originator could learn of it, it has learned already.
void SnmpInforms::take_report(const protocol::usm::V3Reply& reply, base::BootTime now,
                              Answers& answers) {
  if (!teaches(reply.report)) {
    return fail(kPause,
                upstream() + " answered " + std::string(name_of(reply.report)) + " to user `" +
                    options_.user + "`: the destination, not the event, is at fault",
                answers);
  }
  if (!v3_->needs_discovery()) probes_ = 0;
  for (Lane& lane : lanes_) {
    if (!lane.flight ||
        std::ranges::find(lane.flight->msg_ids, reply.msg_id) == lane.flight->msg_ids.end()) {
      continue;
    }
    lane.flight->report = reply.report;
    if (lane.flight->lessons++ < kMostLessons) send(lane, now, answers);
    return;
  }
}

void SnmpInforms::discover(base::BootTime now, Answers& answers) {
  if (empty() || (probes_ != 0 && now < probe_due_)) return;
  if (probes_ > options_.retries) {
    return fail(0ms, upstream() + " does not tell its SNMPv3 engine (no answer to discovery)",
                answers);
  }
  message_.clear();
  v3_->write_probe(take_msg_id(), message_);
  const std::array<base::Bytes, 1> datagrams = {base::Bytes(message_)};
  SendFate fate = SendFate::sent;
  std::string words;
  if (link_.send(datagrams, fate, words) == 0 && fate == SendFate::failed) {
    return fail(0ms, upstream() + ": " + words, answers);
  }
  ++probes_;
  probe_due_ = now + options_.timeout;
}

void SnmpInforms::start_and_repeat(base::BootTime now, Answers& answers) {
  for (Lane& lane : lanes_) {
    // What is refused makes room for the next.
    while (!failed_ && !lane.informs.empty() && !lane.flight) {
      if (request_id_in_flight(lane.informs.front().request_id)) break;
      lane.flight.emplace(now);
      attempt(lane, now, answers);
    }
    if (failed_) return;
    if (!lane.flight || now < lane.flight->due) continue;
    if (lane.flight->attempts > options_.retries) {
      give_up(lane, answers);
    } else {
      attempt(lane, now, answers);
    }
    if (failed_) return;
  }
}

void SnmpInforms::attempt(Lane& lane, base::BootTime now, Answers& answers) {
  lane.flight->lessons = 0;
  if (send(lane, now, answers)) ++lane.flight->attempts;
}

// False when nothing went out: the lane is then gone, or due again very soon.
bool SnmpInforms::send(Lane& lane, base::BootTime now, Answers& answers) {
  base::Bytes octets = lane.informs.front().octets;
  if (v3_ != nullptr) {
    message_.clear();
    v3_->write(next_msg_id_, octets, true, now, message_);
    octets = message_;
  }
  if (octets.empty() || octets.size() > most_bytes_) {
    reject(lane,
           "the inform has " +
               (octets.empty() ? "more than " + std::to_string(kMaxUdpPayloadBytes)
                               : std::to_string(octets.size())) +
               " octets; at most " + std::to_string(most_bytes_) + " go to " + upstream(),
           answers);
    return false;
  }
  const std::array<base::Bytes, 1> datagrams = {octets};
  SendFate fate = SendFate::sent;
  std::string words;
  guard_.still_forwarding(lane.informs.front().digest);
  if (link_.send(datagrams, fate, words) == 1) {
    lane.flight->due = now + options_.timeout;
    if (v3_ != nullptr) lane.flight->msg_ids.push_back(take_msg_id());
    return true;
  }
  switch (fate) {
    case SendFate::too_large:
      reject(lane, "the network takes no datagram of " + std::to_string(octets.size()) + " octets",
             answers);
      break;
    case SendFate::failed: fail(0ms, upstream() + ": " + words, answers); break;
    case SendFate::sent:
    case SendFate::busy: lane.flight->due = now + kBusyPause; break;
  }
  return false;
}

void SnmpInforms::give_up(Lane& lane, Answers& answers) {
  const Flight& flight = *lane.flight;
  std::string words =
      upstream() + " did not answer an inform sent " + std::to_string(flight.attempts) + " times";
  if (flight.report) words += " but with the Report " + std::string(name_of(*flight.report));
  if (heard_at_ <= flight.began) return fail(0ms, words, answers);
  answers.retry_lane(lane.informs.front().sequence, 0ms, words);
  lane = {};
}

void SnmpInforms::fail(std::chrono::milliseconds at_least, const std::string& reason,
                       Answers& answers) {
  failed_ = true;
  answers.retry(at_least, reason);
}

void SnmpInforms::reject(Lane& lane, const std::string& reason, Answers& answers) {
  answers.rejected(lane.informs.front().sequence, reason);
  lane.informs.pop_front();
  lane.flight.reset();
}

bool SnmpInforms::request_id_in_flight(std::int32_t request_id) const {
  return std::ranges::any_of(lanes_, [request_id](const Lane& lane) {
    return lane.flight && lane.informs.front().request_id == request_id;
  });
}

std::int32_t SnmpInforms::take_msg_id() {
  const std::int32_t msg_id = next_msg_id_;
  next_msg_id_ = msg_id < kLastMsgId ? msg_id + 1 : 1;
  return msg_id;
}

std::string SnmpInforms::upstream() const { return link_.peer().to_string(); }

}  // namespace trapline::sinks
