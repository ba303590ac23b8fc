// One record of the log: header layout, types, and the view readers get.
//
// On disk and in memory alike, little-endian, 8-byte aligned:
//   0 u32 payload bytes   4 u8 type   5 u8[3] zero   8 u32 CRC32C   12 u32 zero
//   16 u64 LSN   24 i64 rule time (ns since 1970)   32 i64 received (wall, ns since 1970)   40
//   payload, padded
// The CRC covers header (with the CRC field zero) and payload, seeded with the segment's epoch.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/clock.h"
#include "gateway/journal/lsn.h"

namespace trapline::gateway::journal {

enum class RecordType : std::uint8_t {
  event = 1,       // written by reception
  timer = 2,       // written by the router: a rule's timer that came due
  outcome = 3,     // written by the router: what was decided
  cursor = 4,      // written by a sink worker: how far it has got
  checkpoint = 5,  // written by the committer: all positions and totals
  engines = 6,     // remote engines of SNMPv3: known at a segment's start, or to be forgotten
  letter = 7,      // only in files of dead letters (letter_record.h)
  answer = 8,      // written by the router: what a device answered (answer_record.h)
};

inline constexpr std::size_t kRecordHeaderBytes = 40;
inline constexpr std::size_t kMaxPayloadBytes = 256 * 1024;

// A bit per type, to say which records a reader wants.
using RecordMask = std::uint32_t;
[[nodiscard]] constexpr RecordMask mask_of(RecordType type) {
  return 1U << static_cast<unsigned>(type);
}

// A durable record. Plain value; `payload` views memory owned by the batch that handed it out.
struct RecordView {
  RecordType type = RecordType::event;
  RecordRef ref;
  Epoch epoch;
  RuleTime rule_time;
  base::WallTime received;
  base::Bytes payload;
};

}  // namespace trapline::gateway::journal
