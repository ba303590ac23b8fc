// Standing: what the log says so far, as totals and positions.
//
// It is built by applying records in order, and by nothing else: by the committer as it commits and
// by recovery as it scans, so that the books after a crash are those from before it. A CHECKPOINT
// is a Standing written down.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "gateway/journal/lsn.h"
#include "gateway/journal/record.h"

namespace trapline::gateway::journal {

inline constexpr std::size_t kMaxCheckpointBytes = kMaxPayloadBytes - 16 * 1024;
// So many EVENTs may wait for the answers of devices.
inline constexpr std::size_t kMostWaiting = 10'000;

// One sink's position and totals. routed = delivered + dead_lettered + skipped + pending.
struct SinkStanding {
  Lsn low_water;                      // of OUTCOMEs: everything up to here is answered
  std::vector<Lsn> delivered_beyond;  // at most 1,024, sorted
  std::uint64_t routed = 0;
  std::uint64_t delivered = 0;
  std::uint64_t dead_lettered = 0;
  std::uint64_t skipped = 0;
};

// Remembers whom the last OUTCOME was for, so that the next one for the same sinks costs a
// comparison instead of a look-up per sink. Belongs to one Standing and forgets everything when
// copied or moved.
class SinkTally {
 public:
  SinkTally() = default;
  SinkTally(const SinkTally&) {}
  SinkTally& operator=(const SinkTally&) {
    list_.clear();
    return *this;
  }

  // True when `payload` (an OUTCOME's) is for the remembered sinks; they have been counted then.
  [[nodiscard]] bool count(base::Bytes payload);
  // Remembers a list of sinks, as outcome_sinks() gives it, and where their totals are kept.
  void remember(base::Bytes list, std::vector<std::uint64_t*> routed);

 private:
  std::vector<std::byte> list_;  // empty: nothing remembered
  std::vector<std::uint64_t*> routed_;
};

// Plain value, not synchronised. Totals count from the journal's first day. Whoever removes a sink
// from a Standing must apply further records to a copy made after that.
struct Standing {
  Lsn last;                     // the last record applied
  Lsn router;                   // the last EVENT (or TIMER, or ANSWER) that has its OUTCOME
  std::uint64_t events = 0;     // EVENT records
  std::uint64_t synthetic = 0;  // OUTCOMEs that carry an event of our own
  std::uint64_t decided = 0;    // OUTCOMEs
  std::uint64_t lost =
      0;  // EVENTs that were counted but can no longer be read (damage, missing files)
  SegmentNumber first_wanted;  // older segments may be gone on purpose
  std::map<std::string, SinkStanding, std::less<>> sinks;
  // EVENTs up to `router` that wait for the answer of a device: their decision is still to come.
  // No more than `most_waiting` says: a CHECKPOINT names them all.
  std::map<Lsn, RecordRef> waiting;

  // Where the EVENTs begin that are still to be decided: all up to here are.
  [[nodiscard]] Lsn all_decided() const {
    return waiting.empty() ? router : Lsn{waiting.begin()->first.value - 1};
  }
  // Takes one record into account; a CHECKPOINT's word replaces everything. A record that cannot be
  // understood changes `last` only. A sink that is heard of for the first time is added.
  void apply(const RecordView& record);
  // Appends the CHECKPOINT payload. `down` is for the first one of a run: how long, by rule time,
  // nobody wrote before it. LSNs beyond the low-water marks that would make it larger than
  // `most_bytes` are left out, each sink's highest first, and with them what they count in its
  // totals: whoever starts from this CHECKPOINT delivers those again, and its books balance.
  // Returns how many those are.
  std::uint64_t encode(std::vector<std::byte>& out, std::chrono::nanoseconds down = {},
                       std::size_t most_bytes = kMaxCheckpointBytes) const;
  // Reads a CHECKPOINT payload; false when it is not one.
  [[nodiscard]] static bool decode(base::Bytes payload, Standing& standing,
                                   std::chrono::nanoseconds* down = nullptr);

 private:
  void apply_outcome(const RecordView& record);
  void apply_cursor(base::Bytes payload);

  SinkTally tally_;
};

// So many EVENTs may wait for their names to take no more than half of a CHECKPOINT of so many
// octets.
[[nodiscard]] std::size_t most_waiting(std::size_t most_bytes);

// Appends a CURSOR payload: one sink's name, position and totals (`routed` is not part of it). Of
// the LSNs beyond, the first 1,024: the others count as not answered.
void encode_cursor(std::string_view sink, const SinkStanding& cursor, std::vector<std::byte>& out);

}  // namespace trapline::gateway::journal
