// The engine store: remote engines of SNMPv3, shared by all listeners and kept by the journal.
#pragma once

#include <functional>

#include "base/clock.h"
#include "base/guarded.h"
#include "gateway/journal/engine_record.h"
#include "protocol/usm/engine_table.h"

namespace trapline::gateway {

// Boots and times of the engines whose traps were authenticated. Any thread may call any member;
// `clock` outlives it. Full, it forgets the engine not heard of for longest.
class EngineStore final : public protocol::usm::EngineTimes, public journal::EngineKeeper {
 public:
  static constexpr std::size_t kMaxEngines = 100'000;

  explicit EngineStore(const base::Clock& clock) : clock_(clock), table_(kMaxEngines) {}

  [[nodiscard]] protocol::usm::Timeliness judge(base::Bytes engine_id, std::int32_t boots,
                                                std::int32_t time, base::BootTime now) override;
  void restore(const journal::RecordedEngine& engine) override;
  void forget(base::Bytes engine_id) override;
  void record(journal::AppendBatch& batch, std::size_t room_bytes) const override;

  // Calls `use` for every engine, the longest unheard of first, with the lock held.
  void for_each(const std::function<void(const protocol::usm::RemoteEngine&)>& use) const;
  // True when the engine is known.
  [[nodiscard]] bool knows(base::Bytes engine_id) const;
  [[nodiscard]] std::size_t size() const;

 private:
  [[nodiscard]] std::chrono::nanoseconds wall_to_boot() const;

  const base::Clock& clock_;
  base::Guarded<protocol::usm::EngineTable> table_;
};

}  // namespace trapline::gateway
