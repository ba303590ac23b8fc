// EventJsonCache: the JSON of the latest events, rendered once for all sinks that want it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "protocol/mib/mib_index.h"
#include "rules/routed_trap.h"

namespace trapline::sinks {

// Keeps what was rendered by the event's id: sinks read the journal each at its own pace, but
// mostly close behind each other. Who comes later than kSlots events, or wants an event of more
// than kMostKept octets, renders it again. Bounded by these two; allocates only while texts grow.
//
// Any thread.
class EventJsonCache {
 public:
  static constexpr std::size_t kSlots = 8'192;
  static constexpr std::size_t kMostKept = 4'096;

  explicit EventJsonCache(const protocol::mib::MibIndex& mibs);

  // Appends the same text as append_event_json does.
  void append(const rules::RoutedTrap& event, std::string& out);
  // How often an event was rendered.
  [[nodiscard]] std::uint64_t rendered() const { return rendered_.load(std::memory_order_relaxed); }

 private:
  struct Slot {
    std::mutex mutex;
    std::string id;    // of the event whose text this is; empty: none
    std::string text;  // both guarded by mutex
  };

  void render(const rules::RoutedTrap& event, std::string& out);

  const protocol::mib::MibIndex& mibs_;
  const std::unique_ptr<Slot[]> slots_;
  std::atomic<std::uint64_t> rendered_ = 0;
};

// Appends the event's JSON, by way of `cache` when there is one.
void append_event_json(const rules::RoutedTrap& event, const protocol::mib::MibIndex& mibs,
                       EventJsonCache* cache, std::string& out);

}  // namespace trapline::sinks
