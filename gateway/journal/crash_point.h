// Named places at which a test may have the process killed, to show what survives.
//
// Only where CMakeLists.txt defines TRAPLINE_CRASH_POINTS, in builds with tests; nothing at all
// otherwise. The environment says
// where: TRAPLINE_CRASH_AT=name kills at the first passage, TRAPLINE_CRASH_AT=name:N at the Nth.
#pragma once

#ifdef TRAPLINE_CRASH_POINTS

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string_view>

namespace trapline::gateway::journal {

// One passage of a named place, as the environment has it.
class CrashPlan {
 public:
  // Reads TRAPLINE_CRASH_AT, once.
  static const CrashPlan& of_environment() {
    static const CrashPlan plan;
    return plan;
  }
  [[nodiscard]] bool names(std::string_view place) const { return place == name_; }
  [[nodiscard]] int turn() const { return turn_; }

 private:
  CrashPlan() {
    const char* const text = std::getenv("TRAPLINE_CRASH_AT");
    if (text == nullptr) return;
    name_ = text;
    const std::size_t colon = name_.find(':');
    if (colon == std::string_view::npos) return;
    turn_ = std::atoi(text + colon + 1);
    name_ = name_.substr(0, colon);
  }

  std::string_view name_;
  int turn_ = 1;
};

// How often the named place was passed.
inline std::atomic<int>& passages() {
  static std::atomic<int> count{0};
  return count;
}
// Kills the process (SIGKILL) when the environment names this place and its turn has come. Any
// thread.
inline void crash_point(std::string_view name) {
  if (!CrashPlan::of_environment().names(name)) return;
  if (++passages() == CrashPlan::of_environment().turn()) std::raise(SIGKILL);
}
// True when the next passage of this place is the last: for what must be half done by then.
inline bool crash_is_near(std::string_view name) {
  return CrashPlan::of_environment().names(name) &&
         passages() + 1 == CrashPlan::of_environment().turn();
}

}  // namespace trapline::gateway::journal

#define TRAPLINE_CRASH_POINT(name) ::trapline::gateway::journal::crash_point(name)
#define TRAPLINE_CRASH_IS_NEAR(name) ::trapline::gateway::journal::crash_is_near(name)
#else
#define TRAPLINE_CRASH_POINT(name) static_cast<void>(0)
#define TRAPLINE_CRASH_IS_NEAR(name) false
#endif
