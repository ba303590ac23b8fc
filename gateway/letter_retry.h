// Dead letters on their way back to their sinks, in a running gateway.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/journal/fs.h"
#include "gateway/journal/journal.h"
#include "gateway/journal/letter_record.h"

namespace trapline::gateway {

// Numbers with blanks between; nothing when the text is anything else.
[[nodiscard]] std::optional<std::vector<std::uint64_t>> parse_letter_numbers(std::string_view text);

// Decides a letter's event once more, for the letter's sink alone: an OUTCOME that carries the
// event, so that it goes the way of all events, with the id it had. The letter is not removed:
// whoever asked does that once `progress_json` says that the OUTCOME is durable. A crash in between
// delivers the event and keeps the letter; it loses neither.
//
// One thread.
class LetterRetry {
 public:
  // `fs` and `journal` outlive it. `sinks` are those that run; `instance` is this process's own.
  LetterRetry(journal::Fs& fs, std::string directory, journal::Journal& journal,
              std::vector<std::string> sinks, std::uint64_t instance);

  // Takes letters until a megabyte is under way. Answers with JSON: `instance`, `ticket`, `taken`
  // (numbers), `refused` ({number, reason}). What is in neither list is to be asked for again.
  [[nodiscard]] std::string retry(std::span<const std::uint64_t> numbers);
  // JSON: `instance` and `durable`, the highest ticket all of whose letters have their OUTCOME on
  // stable storage.
  [[nodiscard]] std::string progress_json() const;

 private:
  // Empty when the letter's OUTCOME was added to the batch, else why it can't be.
  [[nodiscard]] std::string add(const journal::Letter& letter, journal::AppendBatch& batch);

  journal::Fs& fs_;
  const std::string directory_;
  journal::Journal& journal_;
  const std::vector<std::string> sinks_;
  const std::string instance_;
  std::uint64_t last_ticket_ = 0;
  // Shared with what runs at the commit.
  const std::shared_ptr<std::atomic<std::uint64_t>> durable_;
};

}  // namespace trapline::gateway
