// Named places at which a test may have the process killed, to show what survives.
//
// Only in builds with -DTRAPLINE_CRASH_POINTS; nothing at all otherwise. The environment says
// where: TRAPLINE_CRASH_AT=name kills at the first passage, TRAPLINE_CRASH_AT=name:N at the Nth.
#pragma once

#ifdef TRAPLINE_CRASH_POINTS

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string_view>

namespace trapline::gateway::journal {

// Kills the process (SIGKILL) when the environment names this place and its turn has come. Any
// thread.
inline void crash_point(std::string_view name) {
  static const char* const wanted_text = std::getenv("TRAPLINE_CRASH_AT");
  static std::atomic<int> passages{0};
  if (wanted_text == nullptr) return;
  const std::string_view wanted(wanted_text);
  const std::size_t colon = wanted.find(':');
  if (wanted.substr(0, colon) != name) return;
  const int turn = colon == std::string_view::npos ? 1 : std::atoi(wanted_text + colon + 1);
  if (++passages == turn) std::raise(SIGKILL);
}

}  // namespace trapline::gateway::journal

#define TRAPLINE_CRASH_POINT(name) ::trapline::gateway::journal::crash_point(name)
#else
#define TRAPLINE_CRASH_POINT(name) static_cast<void>(0)
#endif
