// OUTCOME payload: what was decided about one EVENT (or TIMER), durable before any sink sees it.
//
//   0 u64 LSN, 8 u64 segment, 16 u32 offset of the EVENT or TIMER   20 u8 severity   21 u8 state
//   22 u8 number of sinks   23 u8 flags (bit 0: synthetic, bit 1: lost, bit 2: closing,
//   bit 3: again, bit 4: waiting)
// then the sinks' names, each u8 length + octets, then optional fields, each u8 field id, u24
// length (its high octet first, then the low two), octets. Unknown fields are skipped: later
// versions add some. A synthetic one carries its event; a closing or waiting one decides nothing;
// one with `again` repeats an earlier decision for one sink and carries its event as a synthetic
// one does.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "gateway/journal/lsn.h"
#include "rules/routed_trap.h"

namespace trapline::gateway::journal {

inline constexpr std::size_t kMaxSinks = 64;
inline constexpr std::size_t kMaxSinkNameBytes = 64;

// Plain value; a decoded one views the record's payload and the OutcomeScratch it was decoded with.
struct Outcome {
  RecordRef event;
  bool synthetic = false;
  // With `synthetic`: a dead letter that goes to its sink once more. Decided long ago.
  bool again = false;
  // Nothing is decided: all that followed from the TIMER or ANSWER `event` stands before this.
  bool closing = false;
  // Nothing is decided yet: the EVENT waits for the answer of a device. Its decision follows,
  // behind those of later EVENTs.
  bool waiting = false;
  // Not a decision but the record that so many EVENTs up to `event` cannot be read any more.
  std::uint64_t lost_events = 0;
  rules::Verdict verdict;
  std::span<const std::string_view> sinks;
  // A synthetic event's id, and the event itself as `encode_kept_event` gives it.
  std::string_view id;
  base::Bytes kept_event;

  // Whether it says what was decided, and is the first to do so.
  [[nodiscard]] bool decides() const { return !closing && !waiting && !again && lost_events == 0; }
};

// Working memory of one decoding thread, reused.
struct OutcomeScratch {
  std::vector<std::string_view> sinks;
  std::vector<std::string_view> rules;
  std::vector<rules::Tag> tags;
  std::vector<std::string_view> causes;
  std::vector<rules::Tag> labels;
  std::vector<rules::EnrichedValue> enrichment;
};

// Octets that `encode_outcome` will write.
[[nodiscard]] std::size_t outcome_bytes(const Outcome& outcome);
// Writes the payload into `out`, which has exactly outcome_bytes().
void encode_outcome(const Outcome& outcome, base::MutableBytes out);
// Reads a payload. False when it is not one: the record is then counted as damaged.
[[nodiscard]] bool decode_outcome(base::Bytes payload, OutcomeScratch& scratch, Outcome& outcome);
// The part of a payload that lists the sinks, count octet first: equal lists have equal octets.
// Empty when malformed. For counting without decoding the rest.
[[nodiscard]] base::Bytes outcome_sinks(base::Bytes payload);
// The EVENT a payload is about; meaningless when the payload is shorter than its fixed part.
[[nodiscard]] RecordRef outcome_event(base::Bytes payload);

// Whether a payload closes a TIMER or ANSWER instead of deciding anything.
[[nodiscard]] bool outcome_is_closing(base::Bytes payload);
// Whether a payload says that its EVENT waits.
[[nodiscard]] bool outcome_is_waiting(base::Bytes payload);
// How many EVENTs a payload says are lost; 0 for a decision.
[[nodiscard]] std::uint64_t outcome_lost_events(base::Bytes payload);

}  // namespace trapline::gateway::journal
