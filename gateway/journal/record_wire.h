// A record's octets: reading its header, stamping it, checking it. record.h has the layout.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "gateway/journal/record.h"
#include "gateway/journal/wire.h"

namespace trapline::gateway::journal {

inline constexpr std::size_t kRecordCrcAt = 8;

// A record's header. Plain value.
struct RecordHeader {
  std::uint32_t payload_bytes = 0;
  RecordType type = RecordType::event;
  std::uint32_t crc = 0;
  Lsn lsn;
  RuleTime rule_time;
  base::WallTime received;
};

// Octets of a record with its header and padding.
[[nodiscard]] constexpr std::size_t record_bytes(std::size_t payload_bytes) {
  return kRecordHeaderBytes + aligned(payload_bytes);
}

// Writes the header of a record that the committer has not stamped yet.
void write_header(std::byte* record, RecordType type, std::uint32_t payload_bytes,
                  base::WallTime received);
// Reads a header from at least kRecordHeaderBytes; nothing when it cannot be one. Checks no CRC.
[[nodiscard]] std::optional<RecordHeader> read_header(base::Bytes bytes);
// Puts LSN, rule time and CRC into a record made by `write_header`; returns the CRC.
std::uint32_t stamp_record(std::byte* record, Lsn lsn, RuleTime rule_time, Epoch epoch);
// True when a record's CRC is that of its header and payload. `record` has at least both.
[[nodiscard]] bool record_intact(const std::byte* record, std::uint32_t payload_bytes, Epoch epoch);
// The view of a record that is known to be intact; it views the record's memory.
[[nodiscard]] RecordView view_record(const std::byte* record, SegmentNumber segment,
                                     std::uint32_t offset, Epoch epoch);

}  // namespace trapline::gateway::journal
