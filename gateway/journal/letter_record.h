// A dead letter: three records of the journal's format one after the other, in a file of their own.
//
// LETTER (its LSN is the letter's number, `received` when it became one), whose payload is
//   0 u32 attempts   4 u8 sink bytes   5 u8 id bytes   6 u16 reason bytes   8 those texts
// then copies of the OUTCOME and of the EVENT it refers to, with the LSNs and times they had.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "gateway/journal/record.h"

namespace trapline::gateway::journal {

// One dead letter, ready to be written or as read. Plain value that owns nothing.
struct Letter {
  std::uint64_t number = 0;
  base::WallTime since;
  std::string_view sink;
  std::string_view id;
  std::string_view reason;
  std::uint32_t attempts = 0;
  RecordView outcome;
  RecordView event;
};

// Appends the letter's records, stamped. `reason` is cut at 1,024 octets.
void append_letter(const Letter& letter, std::vector<std::byte>& out);
// Reads the letter at `offset` and moves it behind; nothing when there is no whole letter. It views
// `file`.
[[nodiscard]] std::optional<Letter> read_letter(base::Bytes file, std::size_t& offset);

}  // namespace trapline::gateway::journal
