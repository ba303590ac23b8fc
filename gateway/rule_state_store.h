// Where the state of the rules is kept between runs: a file for each time it was saved.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/log.h"
#include "gateway/journal/fs.h"
#include "gateway/journal/lsn.h"

namespace trapline::gateway {

// The state of the rules as of one place in the log. Plain value.
struct SavedRuleState {
  journal::Lsn position;  // every record up to here has had its effect
  // The last EVENT or TIMER of those. While its OUTCOME is not durable this state is ahead of the
  // log and may not be used.
  journal::Lsn decided;
  std::vector<std::byte> octets;
};

// Files `state-<position>` in a directory of their own; the newest kKept stay. Each is whole or not
// there, and has a checksum.
class RuleStateStore {
 public:
  // In the background, a thread of the store's writes; otherwise `save` does.
  enum class Writing : std::uint8_t { at_once, background };

  // Makes the directory when the first state is saved. `fs` and `log` outlive it.
  RuleStateStore(journal::Fs& fs, std::string directory, base::Log& log, Writing writing);
  // Finishes what is being written.
  ~RuleStateStore();

  // The newest intact state that is not ahead of `decided`; nothing when there is none. Those ahead
  // are of a log that is gone: they are removed.
  [[nodiscard]] std::optional<SavedRuleState> newest(journal::Lsn decided);
  // True when `save` would not have to wait. Any thread.
  [[nodiscard]] bool idle() const;
  // Saves a state; in the background, waits only while an earlier one is being written. A failure
  // is logged: the states before it stay.
  void save(SavedRuleState state);
  // Saves a state before it returns, whatever the way of writing. False when it failed, which is
  // logged.
  bool save_now(const SavedRuleState& state);
  // Removes all: a state that was kept while nobody changed it would be wrong later.
  void forget();

  static constexpr std::size_t kKept = 2;

 private:
  void run(const std::stop_token& stop);
  bool write(const SavedRuleState& state);
  [[nodiscard]] std::optional<SavedRuleState> read(const std::string& name);
  void remove_older();
  [[nodiscard]] std::vector<std::string> names();

  journal::Fs& fs_;
  const std::string directory_;
  base::Log& log_;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::optional<SavedRuleState> waiting_;  // guarded by mutex_
  bool writing_ = false;                   // guarded by mutex_
  std::jthread thread_;
};

}  // namespace trapline::gateway
