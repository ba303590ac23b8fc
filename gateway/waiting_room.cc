#include "gateway/waiting_room.h"

#include "gateway/journal/wire.h"

namespace trapline::gateway {
namespace {

using journal::load;
using journal::store;

// LSN, segment, offset, rule time, received, deadline, synthetic count, agent, sizes of id and
// payload, epoch.
constexpr std::size_t kFixedBytes = 8 + 8 + 4 + 8 + 8 + 8 + 4 + 16 + 4 + 4 + 4;

void save_event(const base::IpAddress& agent, const WaitingEvent& event,
                std::vector<std::byte>& out) {
  const std::size_t start = out.size();
  out.resize(start + kFixedBytes);
  std::byte* const at = out.data() + start;
  store(at, event.ref.lsn.value);
  store(at + 8, event.ref.segment.value);
  store(at + 16, event.ref.offset);
  store(at + 20, event.rule_time.since_epoch_ns);
  store(at + 28, std::int64_t{event.received.time_since_epoch().count()});
  store(at + 36, event.deadline.since_epoch_ns);
  store(at + 44, event.synthetic_count);
  std::memcpy(at + 48, agent.octets().data(), agent.octets().size());
  store(at + 64, static_cast<std::uint32_t>(event.id.size()));
  store(at + 68, static_cast<std::uint32_t>(event.payload.size()));
  store(at + 72, event.epoch.value);
  const base::Bytes id = base::as_bytes(event.id);
  out.insert(out.end(), id.begin(), id.end());
  out.insert(out.end(), event.payload.begin(), event.payload.end());
}

}  // namespace

journal::RecordView WaitingEvent::record() const {
  journal::RecordView view;
  view.type = journal::RecordType::event;
  view.ref = ref;
  view.epoch = epoch;
  view.rule_time = rule_time;
  view.received = received;
  view.payload = payload;
  return view;
}

bool WaitingRoom::has_room(const base::IpAddress& agent, std::size_t bytes) const {
  if (waiting_.size() >= most_events_ || bytes_ + bytes > kMostBytes) return false;
  const Queue* const queue = of(agent);
  return queue == nullptr || queue->size() < kMostOfAgent;
}

void WaitingRoom::add(const base::IpAddress& agent, WaitingEvent event) {
  Queue& queue = queues_[agent];
  const auto place = std::upper_bound(
      queue.begin(), queue.end(), event.ref.lsn,
      [](journal::Lsn lsn, const WaitingEvent& other) { return lsn < other.ref.lsn; });
  if (place != queue.begin()) event.deadline = std::max(event.deadline, std::prev(place)->deadline);
  bytes_ += event.payload.size();
  waiting_.insert(event.ref.lsn);
  deadlines_.emplace(event.deadline, event.ref.lsn, agent);
  queue.insert(place, std::move(event));
}

const WaitingRoom::Queue* WaitingRoom::of(const base::IpAddress& agent) const {
  const auto found = queues_.find(agent);
  return found == queues_.end() ? nullptr : &found->second;
}

void WaitingRoom::forget(const base::IpAddress& agent, const WaitingEvent& event) {
  bytes_ -= event.payload.size();
  waiting_.erase(event.ref.lsn);
  deadlines_.erase({event.deadline, event.ref.lsn, agent});
}

WaitingEvent WaitingRoom::take_first(const base::IpAddress& agent) {
  const auto found = queues_.find(agent);
  WaitingEvent event = std::move(found->second.front());
  found->second.pop_front();
  if (found->second.empty()) queues_.erase(found);
  forget(agent, event);
  return event;
}

std::optional<base::IpAddress> WaitingRoom::overdue(
    base::RuleTime now, const std::map<journal::Lsn, journal::RecordRef>* held) const {
  for (const auto& [deadline, lsn, agent] : deadlines_) {
    if (deadline > now) break;
    if (held == nullptr || !held->contains(of(agent)->front().ref.lsn)) return agent;
  }
  return std::nullopt;
}

std::optional<base::RuleTime> WaitingRoom::next_due() const {
  if (deadlines_.empty()) return std::nullopt;
  return std::get<0>(*deadlines_.begin());
}

void WaitingRoom::postpone(std::chrono::nanoseconds by) {
  deadlines_.clear();
  for (auto& [agent, queue] : queues_) {
    for (WaitingEvent& event : queue) {
      event.deadline.since_epoch_ns += by.count();
      deadlines_.emplace(event.deadline, event.ref.lsn, agent);
    }
  }
}

std::vector<base::IpAddress> WaitingRoom::agents() const {
  std::vector<base::IpAddress> all;
  for (const auto& [agent, queue] : queues_) all.push_back(agent);
  return all;
}

std::vector<WaitingEvent> WaitingRoom::keep_only(
    const std::map<journal::Lsn, journal::RecordRef>& wanted) {
  std::vector<WaitingEvent> others;
  for (auto queue = queues_.begin(); queue != queues_.end();) {
    Queue kept;
    for (WaitingEvent& event : queue->second) {
      if (wanted.contains(event.ref.lsn)) {
        kept.push_back(std::move(event));
      } else {
        forget(queue->first, event);
        others.push_back(std::move(event));
      }
    }
    queue->second = std::move(kept);
    queue = queue->second.empty() ? queues_.erase(queue) : std::next(queue);
  }
  std::ranges::sort(others, {}, [](const WaitingEvent& event) { return event.ref.lsn; });
  return others;
}

void WaitingRoom::save(std::vector<std::byte>& out) const {
  for (const auto& [agent, queue] : queues_) {
    for (const WaitingEvent& event : queue) save_event(agent, event, out);
  }
}

bool WaitingRoom::restore(base::Bytes saved) {
  const std::size_t most_events = most_events_;
  *this = {};
  most_events_ = most_events;
  while (!saved.empty()) {
    if (saved.size() < kFixedBytes) return false;
    const std::byte* const at = saved.data();
    WaitingEvent event;
    event.ref = {journal::Lsn{load<std::uint64_t>(at)},
                 journal::SegmentNumber{load<std::uint64_t>(at + 8)}, load<std::uint32_t>(at + 16)};
    event.rule_time.since_epoch_ns = load<std::int64_t>(at + 20);
    event.received = base::WallTime(std::chrono::nanoseconds(load<std::int64_t>(at + 28)));
    event.deadline.since_epoch_ns = load<std::int64_t>(at + 36);
    event.synthetic_count = load<std::uint32_t>(at + 44);
    event.epoch.value = load<std::uint32_t>(at + 72);
    std::array<std::uint8_t, 16> octets;
    std::memcpy(octets.data(), at + 48, octets.size());
    const std::size_t id = load<std::uint32_t>(at + 64);
    const std::size_t payload = load<std::uint32_t>(at + 68);
    if (saved.size() < kFixedBytes + id + payload) return false;
    event.id = base::as_text(saved.subspan(kFixedBytes, id));
    const base::Bytes octets_of = saved.subspan(kFixedBytes + id, payload);
    event.payload.assign(octets_of.begin(), octets_of.end());
    add(base::IpAddress::v6(octets), std::move(event));
    saved = saved.subspan(kFixedBytes + id + payload);
  }
  return true;
}

}  // namespace trapline::gateway
