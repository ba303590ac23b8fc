// Dead letters on disk: <data_dir>/deadletters, files of letters that are written once.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "gateway/journal/fs.h"
#include "gateway/journal/letter_record.h"
#include "gateway/journal_outcomes.h"
#include "sinks/dead_letters.h"

namespace trapline::gateway {

// All sinks' dead letters are kept in at most so many octets; the oldest go first.
inline constexpr std::uint64_t kMaxDeadLetterBytes = std::uint64_t{1} << 30;

// Where a data directory keeps them.
[[nodiscard]] std::string dead_letter_directory(const std::string& data_dir);

// Writes dead letters: each `append` makes one file, named by its first letter's number, so that
// `trapline deadletter` can read and remove them beside a running gateway. Any thread.
class DeadLetterLog {
 public:
  // `fs` and `log` outlive it. Nothing is touched before the first append.
  DeadLetterLog(journal::Fs& fs, std::string directory, base::Log& log,
                std::uint64_t max_bytes = kMaxDeadLetterBytes);

  // Puts the letters on stable storage, numbering them; then removes the oldest files while there
  // are too many octets. False, with the reason, when they could not be written.
  bool append(std::span<journal::Letter> letters, std::string& problem);

 private:
  [[nodiscard]] journal::FsResult<void> find_place();
  [[nodiscard]] journal::FsResult<void> write(base::Bytes octets);
  void make_room();

  journal::Fs& fs_;
  const std::string directory_;
  base::Log& log_;
  const std::uint64_t max_bytes_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::uint64_t next_number_ = 0;  // 0: not looked yet
  std::uint64_t bytes_ = 0;        // at most those on disk
};

// One sink's way into the log. Used by its worker's thread.
class SinkDeadLetters final : public sinks::DeadLetters {
 public:
  // Everything outlives it. `outcomes` is what the worker reads.
  SinkDeadLetters(DeadLetterLog& log, const JournalOutcomes& outcomes, std::string sink,
                  const base::Clock& clock);

  void add(const rules::RoutedTrap& event, std::string_view reason,
           std::uint32_t attempts) override;
  bool commit(std::string& problem) override;

 private:
  // A letter with what it views.
  struct Kept {
    std::string id, reason;
    std::vector<std::byte> outcome, event;
    journal::Letter letter;
  };

  DeadLetterLog& log_;
  const JournalOutcomes& outcomes_;
  const std::string sink_;
  const base::Clock& clock_;
  std::vector<std::unique_ptr<Kept>> kept_;
};

// Calls `use` with each letter there is, oldest first, until it returns false. What is torn or
// damaged is passed over. Returns the error when the directory cannot be read; one that is missing
// holds none.
[[nodiscard]] journal::FsResult<void> read_dead_letters(
    journal::Fs& fs, const std::string& directory,
    const std::function<bool(const journal::Letter&)>& use);

// Calls `use` with the letter of this number; false when there is none that can be read.
[[nodiscard]] bool find_dead_letter(journal::Fs& fs, const std::string& directory,
                                    std::uint64_t number,
                                    const std::function<void(const journal::Letter&)>& use);

// Removes the letters that `wanted` picks; returns how many. A gateway may be running.
[[nodiscard]] journal::FsResult<std::uint64_t> drop_dead_letters(
    journal::Fs& fs, const std::string& directory,
    const std::function<bool(const journal::Letter&)>& wanted);

}  // namespace trapline::gateway
