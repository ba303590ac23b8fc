// The poller's questions: their turns, attempts and ends. What comes back is in poller_replies.cc.

#include "gateway/poller/poller.h"

#include <algorithm>
#include <cstring>

#include "gateway/poller/exchange.h"
#include "gateway/poller/split_get.h"

namespace trapline::gateway {
namespace {

using protocol::Version;

GetAnswer failure(GetOutcome outcome, std::string reason) {
  GetAnswer answer;
  answer.outcome = outcome;
  answer.reason = std::move(reason);
  return answer;
}

GetAnswer unreachable(int error) {
  return failure(GetOutcome::unreachable, std::string("cannot be sent: ") + std::strerror(error));
}

}  // namespace

std::size_t Poller::EndpointHash::operator()(const base::Endpoint& endpoint) const {
  const auto& octets = endpoint.ip.octets();
  const std::string_view text(reinterpret_cast<const char*>(octets.data()), octets.size());
  return std::hash<std::string_view>{}(text)*31 + endpoint.port;
}

Poller::Poller(PollIo& io, const base::Clock& clock, base::Random& random, PollerLimits limits)
    : io_(io),
      clock_(clock),
      random_(random),
      limits_(limits),
      pace_(limits.packets_per_sec),
      v3_peers_(random) {}

Poller::~Poller() = default;

void Poller::get(const Device& device, std::vector<protocol::Oid> names, Done done) {
  SplitGet::begin(*this, device, std::move(names), std::move(done));
}

void Poller::ask(const Device& device, Question question, Done done) {
  if (waiting_ >= limits_.waiting) {
    ++counters_.overloaded;
    ended_.push_back({std::move(done), failure(GetOutcome::overloaded,
                                               "too many questions wait already: not asked")});
    arrange_wake();
    return;
  }
  auto exchange = std::make_unique<Exchange>();
  exchange->device = device;
  exchange->question = std::move(question);
  exchange->done = std::move(done);
  DeviceQueue& queue = devices_[device.address];
  queue.waiting.push_back(std::move(exchange));
  ++waiting_;
  if (!queue.has_turn && queue.under_way.size() < limits_.in_flight_per_device) {
    queue.has_turn = true;
    turns_.push_back(device.address);
  }
  begin_what_may(clock_.boot());
  arrange_wake();
}

// One question of each device in its turn: a device with many does not keep the others waiting.
void Poller::begin_what_may(base::BootTime now) {
  while (!turns_.empty() && exchanges_.size() < limits_.in_flight && pace_.free_at() <= now) {
    const base::Endpoint address = turns_.front();
    turns_.pop_front();
    DeviceQueue& queue = devices_.at(address);
    auto exchange = std::move(queue.waiting.front());
    queue.waiting.pop_front();
    --waiting_;
    queue.has_turn =
        !queue.waiting.empty() && queue.under_way.size() + 1 < limits_.in_flight_per_device;
    if (queue.has_turn) turns_.push_back(address);
    begin(std::move(exchange), now);
  }
}

void Poller::begin(std::unique_ptr<Exchange> exchange, base::BootTime now) {
  Exchange& one = *exchange;
  one.request_id = fresh_id();
  one.began = now;
  protocol::encode_request(
      {one.question.kind, one.request_id, one.question.non_repeaters, one.question.max_repetitions},
      one.question.names, one.pdu);
  if (one.device.access->version == Version::v3) {
    one.peer = v3_peers_.find(one.device.address, one.device.access);
  }
  devices_.at(one.device.address).under_way.push_back(one.request_id);
  exchanges_.emplace(one.request_id, std::move(exchange));
  ++one.attempts;
  send(one, now);
}

// Sends what is next to be said, and waits for `timeout` from now on. A datagram that the network
// does not take ends the exchange.
void Poller::send(Exchange& exchange, base::BootTime now) {
  datagram_.clear();
  const PollAccess& access = *exchange.device.access;
  if (access.version == Version::v3) {
    write_v3(exchange, now);
  } else {
    protocol::encode_community_message(access.version, access.community.reveal(), exchange.pdu,
                                       datagram_);
  }
  if (exchange.deadline != base::BootTime{}) {
    deadlines_.erase({exchange.deadline, exchange.request_id});
  }
  exchange.deadline = now + exchange.device.timeout;
  deadlines_.emplace(exchange.deadline, exchange.request_id);
  pace_.note(now);
  const int error = datagram_.empty() ? EMSGSIZE : io_.send(exchange.device.address, datagram_);
  if (error == 0) {
    ++counters_.sent;
    return;
  }
  ++counters_.send_failed;
  end(exchange, unreachable(error), QuestionEnd::by_timeout);
}

void Poller::on_send_failed(const base::Endpoint& to, int error) {
  --counters_.sent;
  ++counters_.send_failed;
  const auto device = devices_.find(to);
  if (device == devices_.end()) return;
  for (const std::int32_t id : std::vector(device->second.under_way)) {
    end(*exchanges_.at(id), unreachable(error), QuestionEnd::by_timeout);
  }
  deliver();
  begin_what_may(clock_.boot());
  arrange_wake();
}

void Poller::write_v3(Exchange& exchange, base::BootTime now) {
  protocol::usm::Originator& originator = exchange.peer->originator;
  const std::int32_t msg_id = fresh_id();
  exchange.msg_ids.push_back(msg_id);
  msg_ids_.emplace(msg_id, exchange.request_id);
  exchange.probing = originator.needs_discovery();
  if (exchange.probing) {
    originator.write_probe(msg_id, datagram_);
  } else {
    originator.write(msg_id, exchange.pdu, true, now, datagram_);
  }
}

// A device that cannot be understood may have begun its count of boots again: whoever asks it next
// gets to know it anew.
bool Poller::forget_unreadable(const Exchange& exchange) {
  if (!exchange.peer || !exchange.unreadable) return false;
  v3_peers_.forget(exchange.device.address, *exchange.device.access);
  return true;
}

void Poller::send_again_or_give_up(Exchange& exchange, base::BootTime now) {
  if (exchange.attempts <= exchange.device.retries) {
    ++exchange.attempts;
    ++counters_.retries;
    if (forget_unreadable(exchange)) {
      exchange.peer = v3_peers_.find(exchange.device.address, exchange.device.access);
    }
    send(exchange, now);
    return;
  }
  forget_unreadable(exchange);
  ++counters_.timeouts;
  std::string reason = "no answer to " + std::to_string(exchange.attempts) + " attempt(s) of " +
                       std::to_string(exchange.device.timeout.count()) + " ms";
  if (!exchange.trouble.empty()) {
    reason += "; " + exchange.trouble;
  } else if (exchange.has_met) {
    reason +=
        "; it did say who it is: agents meet a wrong privacy protocol, privacy password or context "
        "with silence";
  }
  end(exchange,
      failure(exchange.unreadable ? GetOutcome::malformed : GetOutcome::no_answer,
              std::move(reason)),
      QuestionEnd::by_timeout);
}

// Takes the exchange out of all tables and leaves its end for `deliver`.
void Poller::end(Exchange& exchange, GetAnswer answer, QuestionEnd how) {
  const std::int32_t id = exchange.request_id;
  const base::Endpoint address = exchange.device.address;
  answer.latency = clock_.boot() - exchange.began;
  ended_.push_back({std::move(exchange.done), std::move(answer)});
  deadlines_.erase({exchange.deadline, id});
  ended_ids_.note(id, how);
  for (const std::int32_t msg_id : exchange.msg_ids) {
    msg_ids_.erase(msg_id);
    ended_ids_.note(msg_id, how);
  }
  exchanges_.erase(id);

  const auto place = devices_.find(address);
  DeviceQueue& queue = place->second;
  std::erase(queue.under_way, id);
  if (queue.waiting.empty() && queue.under_way.empty()) {
    devices_.erase(place);
  } else if (!queue.has_turn && !queue.waiting.empty()) {
    queue.has_turn = true;
    turns_.push_back(address);
  }
}

void Poller::on_time() {
  wake_ = {};
  const base::BootTime now = clock_.boot();
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    send_again_or_give_up(*exchanges_.at(deadlines_.begin()->second), now);
  }
  deliver();
  begin_what_may(now);
  arrange_wake();
}

// Callbacks may ask again; what ends meanwhile waits behind them.
void Poller::deliver() {
  for (std::size_t left = ended_.size(); left > 0; --left) {
    Ended one = std::move(ended_.front());
    ended_.pop_front();
    one.done(std::move(one.answer));
  }
}

void Poller::arrange_wake() {
  const base::BootTime now = clock_.boot();
  base::BootTime at = base::BootTime::max();
  if (!ended_.empty()) at = now;
  if (!deadlines_.empty()) at = std::min(at, deadlines_.begin()->first);
  if (!turns_.empty() && exchanges_.size() < limits_.in_flight) at = std::min(at, pace_.free_at());
  // An earlier wake-up than needed does no harm, and spares a call for each question.
  if (at == base::BootTime::max() || (wake_ != base::BootTime{} && wake_ <= at)) return;
  wake_ = at;
  io_.wake_at(at);
}

// Not guessable, and of no other question under way. Positive: some agents know no other.
std::int32_t Poller::fresh_id() {
  for (;;) {
    const std::uint64_t bits = spare_bits_ != 0 ? spare_bits_ : random_.next();
    spare_bits_ = bits >> 32;
    const auto id = static_cast<std::int32_t>(bits & 0x7fff'ffffU);
    if (id != 0 && !exchanges_.contains(id) && !msg_ids_.contains(id)) return id;
  }
}

}  // namespace trapline::gateway
