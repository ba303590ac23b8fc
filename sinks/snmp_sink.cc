#include "sinks/snmp_sink.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sinks/lane.h"

namespace trapline::sinks {
namespace {

using namespace std::chrono_literals;
using protocol::usm::Originator;

constexpr auto kBusyPause = 2ms;
constexpr auto kRefusalWait = 300ms;  // for a host to say that nobody listens
// Traps gathered before they go to the kernel together.
constexpr std::size_t kMostWaiting = 64;
constexpr std::size_t kMostWaitingBytes = 256 * 1024;

// Positive, with room to count up.
std::int32_t fresh_msg_id(base::Random& random) {
  return static_cast<std::int32_t>(random.next() & 0x3fff'ffffU) + 1;
}

// On one machine, whoever sends has the address of whoever receives.
bool is_loopback(const base::IpAddress& ip) {
  return ip.is_v4() ? ip.v4_octets()[0] == 127 : ip == base::IpAddress::parse("::1");
}

}  // namespace

SnmpSink::SnmpSink(const SnmpSinkOptions& options, std::string name,
                   std::unique_ptr<DatagramLink> link, const SnmpSinkParts& parts)
    : options_(options),
      name_(std::move(name)),
      link_(std::move(link)),
      parts_(parts),
      notification_(options),
      next_msg_id_(fresh_msg_id(parts.random)) {}

void SnmpSink::on_answers(std::function<void()> wake) {
  if (sends_informs()) link_->on_readable(std::move(wake));
}

// With a fresh originator, what was believed of an engine that has lost its memory is forgotten.
bool SnmpSink::open(std::string& reason) {
  failed_ = false;
  octets_.clear();
  waiting_.clear();
  informs_.reset();
  originator_.reset();
  if (!link_->connect(reason) || (refused_ && is_refused(reason))) return false;
  refused_ = false;
  if (is_v3()) {
    const protocol::usm::UsmUser* user =
        parts_.identity == nullptr ? nullptr : parts_.identity->users.find(options_.user);
    if (user == nullptr) {
      reason = "there is no user `" + options_.user + "` under v3.users";
      return false;
    }
    originator_ = std::make_unique<Originator>(
        *user, parts_.identity->salts,
        protocol::usm::OriginatorOptions{user->highest_level(), options_.context, {}});
    if (!sends_informs()) originator_->be_authoritative(parts_.identity->engine);
  }
  if (sends_informs()) {
    informs_.emplace(options_, *link_, parts_.guard, originator_.get(),
                     fresh_msg_id(parts_.random));
  }
  return true;
}

// Whether nobody listens there still, asked by what costs nothing: a trap that is sent is gone. The
// refusal of one datagram is told to the next.
bool SnmpSink::is_refused(std::string& reason) {
  const protocol::usm::UsmUser nobody;
  protocol::usm::SaltCounters salts;
  Originator originator(nobody, salts, {});
  std::vector<std::byte> probe;
  originator.write_probe(1, probe);
  const std::array<base::Bytes, 1> datagrams = {base::Bytes(probe)};
  for (const bool first : {true, false}) {
    SendFate fate = SendFate::sent;
    std::string words;
    if (link_->send(datagrams, fate, words) == 0 && fate == SendFate::failed) {
      reason = link_->peer().to_string() + ": " + words;
      return true;
    }
    if (first) link_->wait(parts_.clock.boot() + kRefusalWait);
  }
  return false;
}

bool SnmpSink::wants(const rules::RoutedTrap& event) {
  if (event.verdict.flags.has(rules::VerdictFlag::loop) || !is_notification(event)) return false;
  const base::IpAddress upstream = event.message.peer.ip;
  if (!link_->is_peer(upstream) || is_loopback(upstream)) return true;
  parts_.log.write_limited(
      same_peer_site_, base::LogLevel::info, "snmp.not_sent_back",
      "a notification that came from the upstream's address is not forwarded to it",
      {{"sink", name_}, {"event", event.id}, {"upstream", upstream.to_string()}});
  return false;
}

void SnmpSink::take(const rules::RoutedTrap& event, Sequence sequence, Answers& answers) {
  if (failed_) return;
  rendered_.clear();
  const std::int32_t request_id = request_id_of(event, parts_.seed);
  if (const auto why = notification_.render(event.message, request_id, rendered_)) {
    return answers.rejected(sequence, *why);
  }
  if (notification_.left_out() != 0) tell_left_out(event);
  const ForwardDigest digest = parts_.guard.forwarding(event.message);
  if (informs_) {
    informs_->add(lane_of(event.message.agent, options_.lanes),
                  {sequence, request_id, digest, rendered_});
  } else {
    take_trap(sequence, answers);
  }
}

void SnmpSink::take_trap(Sequence sequence, Answers& answers) {
  const std::size_t began = octets_.size();
  if (is_v3()) {
    next_msg_id_ = next_msg_id_ == INT32_MAX ? 1 : next_msg_id_ + 1;
    originator_->write(next_msg_id_, rendered_, false, parts_.clock.boot(), octets_);
  } else {
    octets_.insert(octets_.end(), rendered_.begin(), rendered_.end());
  }
  const std::size_t size = octets_.size() - began;
  if (size == 0 || size > options_.max_message_bytes) {
    octets_.resize(began);
    const std::string had = std::to_string(size == 0 ? rendered_.size() : size);
    return answers.rejected(sequence, "the trap has " + had + " octets or more; at most " +
                                          std::to_string(options_.max_message_bytes) + " go to " +
                                          link_->peer().to_string());
  }
  waiting_.push_back({sequence, octets_.size()});
  if (waiting_.size() >= kMostWaiting || octets_.size() >= kMostWaitingBytes) {
    send_waiting(parts_.clock.boot(), answers);
  }
}

void SnmpSink::send_waiting(base::BootTime now, Answers& answers) {
  while (!waiting_.empty() && now >= send_at_) {
    datagrams_.clear();
    std::size_t began = 0;
    for (const Waiting& trap : waiting_) {
      datagrams_.push_back(base::Bytes(octets_).subspan(began, trap.end - began));
      began = trap.end;
    }
    SendFate fate = SendFate::sent;
    std::string words;
    const std::size_t sent = link_->send(datagrams_, fate, words);
    for (std::size_t i = 0; i < sent; ++i) answers.delivered(waiting_[i].sequence);
    const bool all = sent == waiting_.size();
    if (!all && fate == SendFate::too_large) {
      answers.rejected(waiting_[sent].sequence, "the network takes no datagram of " +
                                                    std::to_string(datagrams_[sent].size()) +
                                                    " octets");
    }
    drop_first_waiting(sent + (!all && fate == SendFate::too_large ? 1 : 0));
    if (all || fate == SendFate::too_large) continue;
    if (fate == SendFate::failed) {
      failed_ = refused_ = true;
      return answers.retry(0ms, link_->peer().to_string() + ": " + words);
    }
    send_at_ = now + kBusyPause;
  }
}

void SnmpSink::drop_first_waiting(std::size_t count) {
  if (count == waiting_.size()) {
    waiting_.clear();
    octets_.clear();
    return;
  }
  if (count == 0) return;
  const std::size_t end = waiting_[count - 1].end;
  octets_.erase(octets_.begin(), octets_.begin() + static_cast<std::ptrdiff_t>(end));
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
  for (Waiting& trap : waiting_) trap.end -= end;
}

void SnmpSink::tell_left_out(const rules::RoutedTrap& event) {
  parts_.log.write_limited(
      left_out_site_, base::LogLevel::warning, "snmp.varbinds_left_out",
      "SNMPv1 has no Counter64 and no exceptions: forwarded without them",
      {{"sink", name_}, {"event", event.id}, {"left_out", notification_.left_out()}});
}

void SnmpSink::tick(base::BootTime now, Answers& answers) {
  if (failed_) return;
  if (informs_) {
    failed_ = !informs_->work(now, answers);
  } else {
    send_waiting(now, answers);
  }
  link_->refresh(now);
}

base::BootTime SnmpSink::next_tick() const {
  if (failed_) return base::BootTime::max();
  if (informs_) return informs_->next_due();
  return waiting_.empty() ? base::BootTime::max() : send_at_;
}

void SnmpSink::drain(base::BootTime deadline, Answers& answers) {
  while (!failed_) {
    const base::BootTime now = parts_.clock.boot();
    tick(now, answers);
    const bool done = informs_ ? informs_->empty() : waiting_.empty();
    if (failed_ || done || now >= deadline) return;
    link_->wait(std::min(deadline, next_tick()));
  }
}

}  // namespace trapline::sinks
