#include "gateway/engine_store.h"

#include <algorithm>

namespace trapline::gateway {

using protocol::usm::EngineTable;
using protocol::usm::RemoteEngine;

protocol::usm::Timeliness EngineStore::judge(base::Bytes engine_id, std::int32_t boots,
                                             std::int32_t time, base::BootTime now) {
  return table_.with([&](EngineTable& table) { return table.judge(engine_id, boots, time, now); });
}

// Before this boot of the machine, its clock stood below zero: that is no obstacle to reckoning.
void EngineStore::restore(const journal::RecordedEngine& engine) {
  const base::WallTime seen = std::min(engine.seen, clock_.wall());
  RemoteEngine known;
  known.id.assign(engine.id.begin(), engine.id.end());
  known.boots = engine.boots;
  known.latest_time = engine.time;
  known.seen_at = base::BootTime(seen.time_since_epoch() + wall_to_boot());
  table_.with([&](EngineTable& table) { table.restore(known); });
}

void EngineStore::forget(base::Bytes engine_id) {
  table_.with([&](EngineTable& table) { (void)table.forget(engine_id); });
}

void EngineStore::record(journal::AppendBatch& batch, std::size_t room_bytes) const {
  journal::EngineRecordWriter writer(batch, clock_.wall(), room_bytes);
  const std::chrono::nanoseconds boot_to_wall = -wall_to_boot();
  std::size_t needed = 0;
  for_each([&](const RemoteEngine& engine) { needed += journal::most_engine_bytes(engine.id); });
  for_each([&](const RemoteEngine& engine) {
    // Where not all fit, those unheard of for longest stay behind.
    const bool fits = needed <= room_bytes;
    needed -= journal::most_engine_bytes(engine.id);
    if (!fits) return;
    (void)writer.add({engine.id, engine.boots, engine.latest_time,
                      base::WallTime(engine.seen_at.time_since_epoch() + boot_to_wall)});
  });
  writer.finish();
}

void EngineStore::for_each(const std::function<void(const RemoteEngine&)>& use) const {
  table_.with([&](const EngineTable& table) { table.for_each(use); });
}

bool EngineStore::knows(base::Bytes engine_id) const {
  bool found = false;
  for_each([&](const RemoteEngine& engine) {
    found = found || std::ranges::equal(engine.id, engine_id);
  });
  return found;
}

std::size_t EngineStore::size() const {
  return table_.with([](const EngineTable& table) { return table.size(); });
}

std::chrono::nanoseconds EngineStore::wall_to_boot() const {
  return clock_.boot().time_since_epoch() - clock_.wall().time_since_epoch();
}

}  // namespace trapline::gateway
