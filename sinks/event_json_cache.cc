#include "sinks/event_json_cache.h"

#include <functional>

#include "sinks/event_json.h"

namespace trapline::sinks {

EventJsonCache::EventJsonCache(const protocol::mib::MibIndex& mibs)
    : mibs_(mibs), slots_(std::make_unique<Slot[]>(kSlots)) {}

void EventJsonCache::append(const rules::RoutedTrap& event, std::string& out) {
  if (event.id.empty()) return render(event, out);
  Slot& slot = slots_[std::hash<std::string_view>()(event.id) % kSlots];
  // Held while rendering: who wants the same event now waits less than it would take to render it.
  const std::lock_guard lock(slot.mutex);
  if (slot.id == event.id) {
    out += slot.text;
    return;
  }
  slot.text.clear();
  render(event, slot.text);
  out += slot.text;
  const bool keep = slot.text.size() <= kMostKept;
  slot.id.assign(keep ? event.id : std::string_view());
  if (!keep) slot.text = {};
}

void EventJsonCache::render(const rules::RoutedTrap& event, std::string& out) {
  rendered_.fetch_add(1, std::memory_order_relaxed);
  append_event_json(event, mibs_, out);
}

void append_event_json(const rules::RoutedTrap& event, const protocol::mib::MibIndex& mibs,
                       EventJsonCache* cache, std::string& out) {
  if (cache != nullptr) return cache->append(event, out);
  append_event_json(event, mibs, out);
}

}  // namespace trapline::sinks
