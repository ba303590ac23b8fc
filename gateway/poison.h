// Events that end the process: who is known to have done so too often is not handled again.
//
// Router and sinks' sources say what they are handling. A handler of SIGSEGV, SIGBUS and SIGABRT
// writes that to a file while the process dies by its own fault; the next start counts. A process
// that is killed from outside (SIGKILL, the OOM killer, a watchdog's SIGABRT) leaves no line.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "gateway/journal/lsn.h"

namespace trapline::gateway {

// So often an event may have been in hand when the process died.
inline constexpr int kDeathsUntilPoison = 3;

// What this thread handles from its making to its end; then it is what it was before. What is given
// must live as long.
class Handling {
 public:
  // `stage` is "router" or "sink"; `name` the sink's, or empty. `lsn` is that of the EVENT or TIMER
  // at the router, of the OUTCOME at a sink.
  Handling(const char* stage, std::string_view name, journal::Lsn lsn);
  Handling(const Handling&) = delete;
  Handling& operator=(const Handling&) = delete;
  ~Handling();

 private:
  const char* const before_stage_;
  const std::string_view before_name_;
  const journal::Lsn before_lsn_;
};
// The same without an end: until the next call, or `handles_nothing`.
void handles(const char* stage, std::string_view name, journal::Lsn lsn);
// This thread handles nothing (any more).
void handles_nothing();

// Has deaths noted in `path` from now on; false when it cannot be written. Once per process, before
// its threads are started.
bool note_deaths_in(const std::string& path);

// What was in hand when earlier processes died. Immutable: any thread.
class PoisonList {
 public:
  PoisonList() = default;
  // Reads `path`; what is not understood, or beyond `last` (of a journal that is gone), is passed
  // over. A file that has grown long is cut to its last lines. No file: nobody died.
  [[nodiscard]] static PoisonList load(const std::string& path, journal::Lsn last, base::Log& log);

  // Whether the EVENT or TIMER is not to be decided.
  [[nodiscard]] bool at_router(journal::Lsn event) const { return has("router", {}, event); }
  // Whether the event of the OUTCOME is not to be handed to the sink.
  [[nodiscard]] bool at_sink(std::string_view sink, journal::Lsn outcome) const {
    return has("sink", sink, outcome);
  }

 private:
  [[nodiscard]] bool has(std::string_view stage, std::string_view name, journal::Lsn lsn) const;

  std::map<std::pair<std::string, std::uint64_t>, int> deaths_;  // "stage name", LSN
};

}  // namespace trapline::gateway
