#include "protocol/usm/engine_table.h"

#include "protocol/usm/local_engine.h"

namespace trapline::protocol::usm {

std::int64_t RemoteEngine::notion_at(base::BootTime now) const {
  return latest_time + std::chrono::duration_cast<std::chrono::seconds>(now - seen_at).count();
}

Timeliness RemoteEngine::hear(std::int32_t msg_boots, std::int32_t msg_time, base::BootTime now) {
  if (msg_boots > boots || (msg_boots == boots && msg_time > latest_time)) {
    boots = msg_boots;
    latest_time = msg_time;
    seen_at = now;
  }
  const bool inside = msg_boots == boots && msg_boots != kLastBoots &&
                      msg_time + std::int64_t{kTimeWindowSecs} >= notion_at(now);
  return inside ? Timeliness::inside : Timeliness::outside;
}

EngineTable::EngineTable(std::size_t capacity) : capacity_(capacity == 0 ? 1 : capacity) {}

Timeliness EngineTable::judge(base::Bytes engine_id, std::int32_t boots, std::int32_t time,
                              base::BootTime now) {
  auto at = find(engine_id);
  if (at == by_age_.end()) {
    at = add(engine_id);
    at->boots = boots;
    at->latest_time = time;
    at->seen_at = now;
  }
  const Timeliness timeliness = at->hear(boots, time, now);
  if (timeliness == Timeliness::inside) by_age_.splice(by_age_.end(), by_age_, at);
  return timeliness;
}

void EngineTable::restore(const RemoteEngine& engine) {
  const auto at = find(engine.id);
  if (at == by_age_.end()) {
    const auto added = add(engine.id);
    added->boots = engine.boots;
    added->latest_time = engine.latest_time;
    added->seen_at = engine.seen_at;
    return;
  }
  if (engine.boots < at->boots) return;
  if (engine.boots == at->boots && engine.latest_time <= at->latest_time) return;
  at->boots = engine.boots;
  at->latest_time = engine.latest_time;
  at->seen_at = engine.seen_at;
  by_age_.splice(by_age_.end(), by_age_, at);
}

bool EngineTable::forget(base::Bytes engine_id) {
  const auto at = find(engine_id);
  if (at == by_age_.end()) return false;
  index_.erase(base::as_text(at->id));
  by_age_.erase(at);
  return true;
}

void EngineTable::for_each(const std::function<void(const RemoteEngine&)>& use) const {
  for (const RemoteEngine& engine : by_age_) use(engine);
}

EngineTable::ByAge::iterator EngineTable::find(base::Bytes engine_id) {
  const auto at = index_.find(base::as_text(engine_id));
  return at == index_.end() ? by_age_.end() : at->second;
}

EngineTable::ByAge::iterator EngineTable::add(base::Bytes engine_id) {
  if (by_age_.size() >= capacity_) {
    index_.erase(base::as_text(by_age_.front().id));
    by_age_.pop_front();
  }
  by_age_.push_back({.id = {engine_id.begin(), engine_id.end()}});
  const auto at = std::prev(by_age_.end());
  index_.emplace(base::as_text(at->id), at);
  return at;
}

}  // namespace trapline::protocol::usm
