// What is known of remote engines: boots and times of those whose traps were authenticated (RFC
// 3414 §2.3, §3.2 step 7b).
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"

namespace trapline::protocol::usm {

inline constexpr std::int32_t kTimeWindowSecs = 150;

enum class Timeliness : std::uint8_t { inside, outside };

// One remote engine: its boots, the latest engine time received, and our clock at that moment.
// Plain value.
struct RemoteEngine {
  std::vector<std::byte> id;
  std::int32_t boots = 0;
  std::int32_t latest_time = 0;
  base::BootTime seen_at{};

  // Our notion of its time: it advances with our clock, so that the newest recorded message does
  // not stay replayable for ever.
  [[nodiscard]] std::int64_t notion_at(base::BootTime now) const;
  // For an *authenticated* message of this engine: as EngineTimes::judge.
  [[nodiscard]] Timeliness hear(std::int32_t msg_boots, std::int32_t msg_time, base::BootTime now);
};

// Judges the boots and time of authentic messages. The gateway's implementation is shared by its
// listeners and locks; a program that only sends has none.
class EngineTimes {
 public:
  virtual ~EngineTimes() = default;
  // For an *authenticated* message of a remote engine: first learns (an engine not known yet;
  // higher boots; equal boots and a later time), then says whether it is inside the window: not
  // lower boots, boots not kLastBoots, time not over kTimeWindowSecs behind the notion.
  [[nodiscard]] virtual Timeliness judge(base::Bytes engine_id, std::int32_t boots,
                                         std::int32_t time, base::BootTime now) = 0;
};

// A bounded table of remote engines; beyond its capacity the one not heard of for longest goes. Not
// synchronised. Unauthenticated messages must never get here.
class EngineTable final : public EngineTimes {
 public:
  explicit EngineTable(std::size_t capacity);

  [[nodiscard]] Timeliness judge(base::Bytes engine_id, std::int32_t boots, std::int32_t time,
                                 base::BootTime now) override;
  // Takes over what a journal or another table knew; older knowledge never replaces newer.
  void restore(const RemoteEngine& engine);
  // Forgets one engine, so that it may begin again with any boots. False when it is not known.
  bool forget(base::Bytes engine_id);
  // Every engine, the longest unheard of first.
  void for_each(const std::function<void(const RemoteEngine&)>& use) const;
  [[nodiscard]] std::size_t size() const { return by_age_.size(); }

 private:
  using ByAge = std::list<RemoteEngine>;
  [[nodiscard]] ByAge::iterator find(base::Bytes engine_id);
  ByAge::iterator add(base::Bytes engine_id);

  std::size_t capacity_;
  ByAge by_age_;                                                 // front: longest unheard of
  std::unordered_map<std::string_view, ByAge::iterator> index_;  // keys view the entries' ids
};

}  // namespace trapline::protocol::usm
