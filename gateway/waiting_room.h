// WaitingRoom: events that wait for the answer of a device, and those of the same agent behind
// them.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/ip_address.h"
#include "gateway/journal/record.h"
#include "gateway/journal/standing.h"

namespace trapline::gateway {

// An EVENT that waits, with its record. Plain value.
struct WaitingEvent {
  std::string id;
  journal::RecordRef ref;
  journal::Epoch epoch;
  base::RuleTime rule_time;
  base::WallTime received;
  base::RuleTime deadline;            // until when it waits
  std::uint32_t synthetic_count = 0;  // ids of synthetic events that its record has used up
  std::vector<std::byte> payload;

  // Its record again; views this.
  [[nodiscard]] journal::RecordView record() const;
};

// A queue for each agent, in the order of the log. Bounded. One thread.
class WaitingRoom {
 public:
  using Queue = std::deque<WaitingEvent>;

  // How many have a place at most, from now on.
  void set_most(std::size_t events) { most_events_ = std::min(events, kMostEvents); }
  // Whether an event of this size has a place.
  [[nodiscard]] bool has_room(const base::IpAddress& agent, std::size_t bytes) const;
  // Puts an event into its agent's queue, by its place in the log: at the end, but for one that was
  // forgotten. The caller has seen that there is room. Nobody waits less long than those before.
  void add(const base::IpAddress& agent, WaitingEvent event);
  // Those of an agent; null when none waits. Valid until the queue changes.
  [[nodiscard]] const Queue* of(const base::IpAddress& agent) const;
  // Takes the first of an agent out, of which there is one.
  WaitingEvent take_first(const base::IpAddress& agent);
  // The agent whose event has waited until `now`, if any; the one that ought to have gone first.
  // Agents whose first event is in `held` are passed over.
  [[nodiscard]] std::optional<base::IpAddress> overdue(
      base::RuleTime now, const std::map<journal::Lsn, journal::RecordRef>* held = nullptr) const;
  // When the next deadline is.
  [[nodiscard]] std::optional<base::RuleTime> next_due() const;
  // The gateway was down: everybody may wait so much longer.
  void postpone(std::chrono::nanoseconds by);
  // All agents with events that wait.
  [[nodiscard]] std::vector<base::IpAddress> agents() const;
  // Whether the event with this LSN waits.
  [[nodiscard]] bool holds(journal::Lsn lsn) const { return waiting_.contains(lsn); }
  // Takes out all events whose LSN is not among `wanted`, in the order of the log.
  [[nodiscard]] std::vector<WaitingEvent> keep_only(
      const std::map<journal::Lsn, journal::RecordRef>& wanted);

  [[nodiscard]] bool empty() const { return waiting_.empty(); }
  [[nodiscard]] std::size_t size() const { return waiting_.size(); }

  // The whole as octets, and back: false, and empty, when they are damaged.
  void save(std::vector<std::byte>& out) const;
  [[nodiscard]] bool restore(base::Bytes saved);

  static constexpr std::size_t kMostEvents = journal::kMostWaiting;
  static constexpr std::size_t kMostOfAgent = 1'000;
  static constexpr std::size_t kMostBytes = 64U << 20;

 private:
  using Deadline = std::tuple<base::RuleTime, journal::Lsn, base::IpAddress>;

  void forget(const base::IpAddress& agent, const WaitingEvent& event);

  std::map<base::IpAddress, Queue> queues_;  // none is empty
  std::set<Deadline> deadlines_;
  std::set<journal::Lsn> waiting_;
  std::size_t bytes_ = 0;
  std::size_t most_events_ = kMostEvents;
};

}  // namespace trapline::gateway
