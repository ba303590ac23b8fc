#include "gateway/poller/enricher.h"

#include <algorithm>
#include <utility>

namespace trapline::gateway {
namespace {

using namespace std::chrono_literals;
using rules::AnswerState;
using rules::EnrichmentWish;

// A moment more, so that nobody asks again before it is time.
std::chrono::seconds rounded_up(std::chrono::nanoseconds time) {
  return std::chrono::ceil<std::chrono::seconds>(time);
}

// Not one that many or none answer to.
bool is_one_device(const base::IpAddress& address) {
  const auto& octets = address.octets();
  if (!address.is_v4()) return octets[0] != 0xff && address != base::IpAddress();
  const std::uint8_t first = address.v4_octets()[0];
  return first != 0 && first < 224;
}

// The values that the device has, as far as they fit a record.
std::vector<rules::AnsweredMember> members_of(const EnrichmentWish& wish,
                                              const std::vector<PolledVarBind>& values) {
  std::vector<rules::AnsweredMember> members;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < std::min(values.size(), wish.members.size()); ++i) {
    if (values[i].is_exception()) continue;
    if (values[i].content.size() > journal::kMaxAnsweredValueBytes) continue;
    const rules::AnsweredMember member{wish.members[i].name, values[i].view()};
    bytes += journal::answered_bytes(member);
    if (bytes > journal::kMaxAnsweredBytes) break;
    members.push_back(member);
  }
  return members;
}

}  // namespace

Enricher::Enricher(EnricherOptions options, Getter& getter, Post post, const base::Clock& clock,
                   base::Log& log, std::function<void()> on_answer)
    : options_(std::move(options)),
      getter_(getter),
      post_(std::move(post)),
      clock_(clock),
      log_(log),
      on_answer_(std::move(on_answer)) {}

template <class Change>
void Enricher::count(Change&& change) {
  const std::lock_guard lock(mutex_);
  change(figures_);
  figures_.open = open_.size();
  figures_.unreachable_devices = devices_.unreachable();
}

void Enricher::seek(std::vector<EnrichmentWish> wishes) {
  post_([this, wishes = std::move(wishes)]() mutable {
    for (EnrichmentWish& wish : wishes) begin(std::move(wish));
  });
}

void Enricher::begin(EnrichmentWish wish) {
  if (queue_behind(wish)) return;
  // Strangers come in turn.
  const bool must_wait = !strangers_.empty() && !devices_.knows(wish.agent);
  if (must_wait || !try_begin(wish)) wait_for_turn(std::move(wish));
}

bool Enricher::queue_behind(EnrichmentWish& wish) {
  const auto busy = busy_.find(wish.agent);
  if (busy == busy_.end() || busy->second.open < kMostOpenOfDevice) return false;
  auto& behind = busy->second.behind;
  if (behind.size() >= kMostBehindDevice || behind_ >= kMostBehind) {
    refuse(std::move(wish));
  } else {
    behind.push_back(std::move(wish));
    ++behind_;
  }
  return true;
}

void Enricher::wait_for_turn(EnrichmentWish wish) {
  if (strangers_.size() >= kMostStrangers) return refuse(std::move(wish));
  strangers_.push_back({std::move(wish), clock_.boot()});
  // Somebody must call go_on.
  if (strangers_.size() == 1) post_([] {});
}

bool Enricher::try_begin(EnrichmentWish& wish) {
  std::string key = wish.key();
  if (open_.contains(key)) {
    count([](EnricherFigures& figures) { ++figures.wishes, ++figures.shared; });
    return true;
  }
  const auto network =
      std::find_if(options_.networks.begin(), options_.networks.end(),
                   [&](const PolledNetwork& each) { return each.match.contains(wish.agent); });
  if (network == options_.networks.end() || !is_one_device(wish.agent)) {
    unasked(std::move(wish), &EnricherFigures::no_device, AnswerState::failed, kKeepFailure);
    return true;
  }
  switch (devices_.ask(wish.agent, clock_.boot())) {
    case DeviceBook::Leave::ask: ask(std::move(wish), std::move(key), *network); return true;
    case DeviceBook::Leave::closed: {
      const auto keep =
          std::max(kKeepUnasked, rounded_up(devices_.retry_in(wish.agent, clock_.boot())));
      unasked(std::move(wish), &EnricherFigures::closed, AnswerState::timeout, keep);
      return true;
    }
    case DeviceBook::Leave::wait: break;
  }
  return false;
}

void Enricher::refuse(EnrichmentWish wish) {
  unasked(std::move(wish), &EnricherFigures::refused, AnswerState::skipped, kKeepUnasked);
}

void Enricher::unasked(EnrichmentWish wish, std::uint64_t EnricherFigures::*why, AnswerState state,
                       std::chrono::seconds good_for) {
  count([why](EnricherFigures& figures) { ++figures.wishes, ++(figures.*why); });
  std::string key = wish.key();
  come({std::move(wish), std::move(key), state, false, good_for, {}});
}

bool Enricher::go_on() {
  while (!strangers_.empty()) {
    Stranger& first = strangers_.front();
    // The event it was for has gone on.
    if (clock_.boot() - first.since > options_.budget) {
      refuse(std::move(first.wish));
    } else if (!queue_behind(first.wish) && !try_begin(first.wish)) {
      return true;
    }
    strangers_.pop_front();
  }
  return false;
}

void Enricher::ask(EnrichmentWish wish, std::string key, const PolledNetwork& network) {
  std::vector<protocol::Oid> names;
  for (const rules::WishedMember& member : wish.members) names.push_back(member.oid);
  Device device{{wish.agent, network.port}, network.access, options_.timeout, options_.retries};
  open_.insert(key);
  ++busy_[wish.agent].open;
  count([](EnricherFigures& figures) { ++figures.wishes, ++figures.asked; });
  getter_.get(device, std::move(names),
              [this, wish = std::move(wish), key = std::move(key)](GetAnswer answer) mutable {
                const base::IpAddress asked = wish.agent;
                ended(std::move(wish), std::move(key), std::move(answer));
                go_on_with(asked);
              });
}

// One question less to it is under way.
void Enricher::go_on_with(const base::IpAddress& device) {
  Busy& busy = busy_[device];
  --busy.open;
  while (busy.open < kMostOpenOfDevice && !busy.behind.empty()) {
    EnrichmentWish wish = std::move(busy.behind.front());
    busy.behind.pop_front();
    --behind_;
    begin(std::move(wish));
  }
  if (busy.open == 0) busy_.erase(device);
}

void Enricher::ended(EnrichmentWish wish, std::string key, GetAnswer answer) {
  open_.erase(key);
  const base::IpAddress device = wish.agent;
  Came came{std::move(wish), std::move(key), AnswerState::failed, false, kKeepFailure, {}};
  DeviceChange change = DeviceChange::none;
  switch (answer.outcome) {
    case GetOutcome::answered: {
      change = devices_.answered(device);
      const bool has_any = std::ranges::any_of(
          answer.values, [](const PolledVarBind& value) { return !value.is_exception(); });
      came.state = AnswerState::known;
      came.heard = true;
      came.good_for = has_any ? came.wish.keep : std::min(came.wish.keep, kKeepFailure);
      came.values = std::move(answer.values);
      count([](EnricherFigures& figures) { ++figures.answered; });
      break;
    }
    case GetOutcome::error_status:
    case GetOutcome::malformed:
    case GetOutcome::report:
      change = devices_.answered(device);
      came.heard = true;
      count([](EnricherFigures& figures) { ++figures.failed; });
      break;
    case GetOutcome::no_answer:
    case GetOutcome::unreachable:
      change = devices_.silent(device, clock_.boot());
      came.state = AnswerState::timeout;
      came.good_for = rounded_up(devices_.retry_in(device, clock_.boot()));
      count([](EnricherFigures& figures) { ++figures.silent; });
      break;
    case GetOutcome::overloaded:
      devices_.not_asked(device);
      came.state = AnswerState::skipped;
      came.good_for = kKeepUnasked;
      count([](EnricherFigures& figures) { ++figures.failed; });
      break;
  }
  tell(device, change, answer.reason);
  come(std::move(came));
}

void Enricher::tell(const base::IpAddress& device, DeviceChange change, const std::string& reason) {
  if (change == DeviceChange::unreachable) {
    log_.write_limited(change_site_, base::LogLevel::warning, "enrichment.device_unreachable",
                       "a device does not answer: it is left alone for a while, longer each time",
                       {{"device", device.to_string()}, {"reason", reason}});
  } else if (change == DeviceChange::reachable) {
    log_.write_limited(change_site_, base::LogLevel::info, "enrichment.device_reachable",
                       "a device answers again", {{"device", device.to_string()}});
  }
}

void Enricher::come(Came came) {
  {
    const std::lock_guard lock(mutex_);
    came_.push_back(std::move(came));
  }
  on_answer_();
}

void Enricher::take_answers(const std::function<void(const journal::Answer&)>& take) {
  std::deque<Came> came;
  bool more = false;
  {
    const std::lock_guard lock(mutex_);
    more = came_.size() > kMostTaken;
    const auto end = more ? came_.begin() + kMostTaken : came_.end();
    std::move(came_.begin(), end, std::back_inserter(came));
    came_.erase(came_.begin(), end);
  }
  for (const Came& each : came) {
    const auto members = members_of(each.wish, each.values);
    journal::Answer answer;
    answer.state = each.state;
    answer.agent = each.wish.agent;
    answer.heard = each.heard;
    answer.enrichment = each.wish.enrichment;
    answer.key = each.key;
    answer.good_for = each.good_for;
    answer.members = members;
    take(answer);
  }
  if (more) on_answer_();
}

EnricherFigures Enricher::figures() const {
  const std::lock_guard lock(mutex_);
  return figures_;
}

}  // namespace trapline::gateway
