// A segment's octets other than its records: header, frame headers, footer, trailer, and the file
// names.
//
//   0      header, and again at 4096:
//            0 u64 magic  8 u32 format  12 u32 epoch  16 u64 segment number  24 u64 first LSN
//            32 i64 made (wall)  40 u8 length of the node id, its octets (to 80)  80 u32 CRC32C  84
//            u32 zero
//   8192   frames, one per group commit: a frame header, then its records
//            0 u32 magic  4 u32 CRC32C over this header (CRC zero) and the records' CRCs
//            8 u32 octets of records  12 u32 count  16 u64 first LSN  24 u64 zero
//   behind the last frame, once the segment is sealed, the footer:
//            0 u32 magic  4 u32 CRC32C of the 256 octets (CRC zero)  8 u32 informs  12 u32 CRC32C
//            of those 16 u64 its own offset  24 totals (see the .cc)  128 a copy of the header (88
//            octets) 256 the informs' digests, each u64 low, u64 high, i64 received
//   and the trailer, the file's last 16 octets: u64 offset of the footer, u32 magic, u32 CRC32C
// The header's CRC is seeded with a constant, all others with the segment's epoch: stale octets of
// another segment never validate.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "gateway/journal/event_record.h"
#include "gateway/journal/journal.h"
#include "gateway/journal/lsn.h"
#include "gateway/journal/record.h"

namespace trapline::gateway::journal {

inline constexpr std::size_t kHeaderBytes = 88;
inline constexpr std::uint64_t kSecondHeaderAt = 4'096;
inline constexpr std::uint64_t kDataOffset = 8'192;
inline constexpr std::size_t kFrameHeaderBytes = 32;
inline constexpr std::size_t kFooterBytes = 256;
inline constexpr std::size_t kInformBytes = 24;
inline constexpr std::size_t kTrailerBytes = 16;
inline constexpr std::size_t kMaxNodeBytes = 32;
inline constexpr std::uint32_t kFrameMagic = 0x72664c54;   // "TLfr"
inline constexpr std::uint32_t kFooterMagic = 0x6f664c54;  // "TLfo"

// What a segment is, written when it is begun. Plain value.
struct SegmentHeader {
  Epoch epoch;
  SegmentNumber number;
  Lsn first;
  base::WallTime made;
  std::string node;
};

// What a segment holds, grown record by record. Plain value.
struct SegmentTotals {
  std::uint64_t records = 0;
  std::uint64_t events = 0;
  std::uint64_t outcomes = 0;
  Lsn last;                        // last record; the one before the first while there is none
  Lsn last_event;                  // EVENT, TIMER or ANSWER
  Lsn last_outcome;                // 0 when there is none
  SegmentNumber earliest_event;    // of those its OUTCOMEs refer to; 0 when there is none
  base::WallTime first_received;   // of the first record
  base::WallTime latest_received;  // of all records
  RuleTime last_rule_time;

  // Takes one record into account.
  void add(const RecordView& record);
};

// A sealed segment's last words. Plain value.
struct SegmentFooter {
  SegmentHeader header;
  SegmentTotals totals;
  std::uint64_t offset = 0;  // where it stands: the end of the frames
  std::uint32_t inform_count = 0;
  std::uint32_t informs_crc = 0;
};

// One group commit's header. Plain value.
struct FrameHeader {
  std::uint32_t crc = 0;
  std::uint32_t body_bytes = 0;
  std::uint32_t count = 0;
  Lsn first;
};

// The header's octets, kHeaderBytes of them.
void encode_header(const SegmentHeader& header, base::MutableBytes out);
// Reads kHeaderBytes; nothing when they are not an intact header of a format known here.
[[nodiscard]] std::optional<SegmentHeader> decode_header(base::Bytes in);

// The frame header's octets with a zero CRC, kFrameHeaderBytes of them.
void encode_frame_header(const FrameHeader& frame, base::MutableBytes out);
// Reads kFrameHeaderBytes; nothing when they cannot be one. Checks no CRC: frame_crc does.
[[nodiscard]] std::optional<FrameHeader> decode_frame_header(base::Bytes in);
// The CRC of a frame: its header (whatever its CRC field says) and its records' CRCs in order.
[[nodiscard]] std::uint32_t frame_crc(base::Bytes header,
                                      std::span<const std::uint32_t> record_crcs, Epoch epoch);

// Appends footer, informs and trailer. `footer.offset` is where they will stand.
void encode_footer(const SegmentFooter& footer, std::span<const RecoveredInform> informs,
                   std::vector<std::byte>& out);
// Reads kFooterBytes that stand at `offset`; nothing when they are not an intact footer.
[[nodiscard]] std::optional<SegmentFooter> decode_footer(base::Bytes in, std::uint64_t offset);
// Appends the informs to `out`; false (and nothing appended) when they are damaged.
[[nodiscard]] bool decode_informs(const SegmentFooter& footer, base::Bytes in,
                                  std::vector<RecoveredInform>& out);
// Where the footer stands, from the last kTrailerBytes of a file of `file_bytes`; nothing when
// there is no intact trailer. Its CRC needs no epoch: the footer it points to has one.
[[nodiscard]] std::optional<std::uint64_t> decode_trailer(base::Bytes in, std::uint64_t file_bytes);

// "0000000042.seg", and back; nothing for any other name.
[[nodiscard]] std::string segment_file_name(SegmentNumber number);
[[nodiscard]] std::optional<SegmentNumber> parse_segment_file_name(std::string_view name);

// True for 1 to 32 characters of [A-Za-z0-9_-].
[[nodiscard]] bool is_node_id(std::string_view text);

}  // namespace trapline::gateway::journal
