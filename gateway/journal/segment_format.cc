#include "gateway/journal/segment_format.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cstdio>

#include "gateway/journal/outcome_record.h"
#include "gateway/journal/wire.h"

namespace trapline::gateway::journal {
namespace {

constexpr std::uint64_t kHeaderMagic = 0x314c'4e4a'504c'5254;  // "TRLPJNL1"
constexpr std::uint32_t kFormat = 1;
constexpr std::uint32_t kConstantSeed = 0x7472'6170;
constexpr std::uint32_t kTrailerMagic = 0x7274'4c54;  // "TLtr"
constexpr std::size_t kNodeAt = 40;
constexpr std::size_t kHeaderCrcAt = 80;
constexpr std::size_t kFrameCrcAt = 4;
constexpr std::size_t kFooterCrcAt = 4;
constexpr std::size_t kTotalsAt = 24;
constexpr std::size_t kHeaderCopyAt = 128;
constexpr int kNumberDigits = 10;

// CRC of octets that hold their own CRC at `crc_at`, taken as zero there.
std::uint32_t crc_without(base::Bytes in, std::size_t crc_at, std::uint32_t seed) {
  static constexpr std::array<std::byte, 4> kZero{};
  const std::uint32_t before = crc32c(in.first(crc_at), seed);
  return crc32c(in.subspan(crc_at + 4), crc32c(kZero, before));
}

std::int64_t nanoseconds(base::WallTime time) { return time.time_since_epoch().count(); }

base::WallTime wall(std::int64_t nanoseconds_since_epoch) {
  return base::WallTime(std::chrono::nanoseconds(nanoseconds_since_epoch));
}

// records, events, outcomes, last, last event, last outcome, earliest event, first received, latest
// received, last rule time: eight octets each.
void encode_totals(const SegmentTotals& totals, std::byte* at) {
  for (const std::uint64_t number :
       {totals.records, totals.events, totals.outcomes, totals.last.value, totals.last_event.value,
        totals.last_outcome.value, totals.earliest_event.value,
        static_cast<std::uint64_t>(nanoseconds(totals.first_received)),
        static_cast<std::uint64_t>(nanoseconds(totals.latest_received)),
        static_cast<std::uint64_t>(totals.last_rule_time.since_epoch_ns)}) {
    store(at, number);
    at += sizeof number;
  }
}

SegmentTotals decode_totals(const std::byte* at) {
  const auto number = [at](std::size_t index) { return load<std::uint64_t>(at + 8 * index); };
  SegmentTotals totals;
  totals.records = number(0);
  totals.events = number(1);
  totals.outcomes = number(2);
  totals.last = Lsn{number(3)};
  totals.last_event = Lsn{number(4)};
  totals.last_outcome = Lsn{number(5)};
  totals.earliest_event = SegmentNumber{number(6)};
  totals.first_received = wall(static_cast<std::int64_t>(number(7)));
  totals.latest_received = wall(static_cast<std::int64_t>(number(8)));
  totals.last_rule_time = RuleTime{static_cast<std::int64_t>(number(9))};
  return totals;
}

}  // namespace

void SegmentTotals::add(const RecordView& record) {
  if (records++ == 0) {
    first_received = record.received;
    latest_received = record.received;
  }
  latest_received = std::max(latest_received, record.received);
  last = record.ref.lsn;
  last_rule_time = record.rule_time;
  if (record.type == RecordType::event || record.type == RecordType::timer ||
      record.type == RecordType::answer) {
    last_event = record.ref.lsn;
    if (record.type == RecordType::event) ++events;
  } else if (record.type == RecordType::outcome) {
    last_outcome = record.ref.lsn;
    ++outcomes;
    const SegmentNumber of = outcome_event(record.payload).segment;
    if (of.value != 0 && (earliest_event.value == 0 || of < earliest_event)) earliest_event = of;
  }
}

void encode_header(const SegmentHeader& header, base::MutableBytes out) {
  assert(out.size() == kHeaderBytes && is_node_id(header.node));
  std::memset(out.data(), 0, out.size());
  std::byte* const at = out.data();
  store(at, kHeaderMagic);
  store(at + 8, kFormat);
  store(at + 12, header.epoch.value);
  store(at + 16, header.number.value);
  store(at + 24, header.first.value);
  store(at + 32, nanoseconds(header.made));
  store(at + kNodeAt, static_cast<std::uint8_t>(header.node.size()));
  std::memcpy(at + kNodeAt + 1, header.node.data(), header.node.size());
  store(at + kHeaderCrcAt, crc32c(out.first(kHeaderCrcAt), kConstantSeed));
}

std::optional<SegmentHeader> decode_header(base::Bytes in) {
  if (in.size() < kHeaderBytes) return std::nullopt;
  const std::byte* const at = in.data();
  if (load<std::uint64_t>(at) != kHeaderMagic || load<std::uint32_t>(at + 8) != kFormat) {
    return std::nullopt;
  }
  if (crc32c(in.first(kHeaderCrcAt), kConstantSeed) != load<std::uint32_t>(at + kHeaderCrcAt)) {
    return std::nullopt;
  }
  SegmentHeader header;
  header.epoch = Epoch{load<std::uint32_t>(at + 12)};
  header.number = SegmentNumber{load<std::uint64_t>(at + 16)};
  header.first = Lsn{load<std::uint64_t>(at + 24)};
  header.made = wall(load<std::int64_t>(at + 32));
  const auto node_bytes = load<std::uint8_t>(at + kNodeAt);
  if (node_bytes > kMaxNodeBytes) return std::nullopt;
  header.node = base::as_text(in.subspan(kNodeAt + 1, node_bytes));
  if (!is_node_id(header.node)) return std::nullopt;
  return header;
}

void encode_frame_header(const FrameHeader& frame, base::MutableBytes out) {
  assert(out.size() == kFrameHeaderBytes);
  std::memset(out.data(), 0, out.size());
  store(out.data(), kFrameMagic);
  store(out.data() + 8, frame.body_bytes);
  store(out.data() + 12, frame.count);
  store(out.data() + 16, frame.first.value);
}

std::optional<FrameHeader> decode_frame_header(base::Bytes in) {
  if (in.size() < kFrameHeaderBytes) return std::nullopt;
  const std::byte* const at = in.data();
  if (load<std::uint32_t>(at) != kFrameMagic) return std::nullopt;
  FrameHeader frame;
  frame.crc = load<std::uint32_t>(at + kFrameCrcAt);
  frame.body_bytes = load<std::uint32_t>(at + 8);
  frame.count = load<std::uint32_t>(at + 12);
  frame.first = Lsn{load<std::uint64_t>(at + 16)};
  if (frame.count == 0 || frame.body_bytes % 8 != 0) return std::nullopt;
  if (frame.body_bytes / kRecordHeaderBytes < frame.count) return std::nullopt;
  return frame;
}

std::uint32_t frame_crc(base::Bytes header, std::span<const std::uint32_t> record_crcs,
                        Epoch epoch) {
  const std::uint32_t crc = crc_without(header, kFrameCrcAt, epoch.value);
  return crc32c(std::as_bytes(record_crcs), crc);
}

void encode_footer(const SegmentFooter& footer, std::span<const RecoveredInform> informs,
                   std::vector<std::byte>& out) {
  const std::size_t start = out.size();
  const std::size_t informs_bytes = informs.size() * kInformBytes;
  out.resize(start + kFooterBytes + informs_bytes + kTrailerBytes);
  std::byte* const at = out.data() + start;
  std::byte* digest = at + kFooterBytes;
  for (const RecoveredInform& inform : informs) {
    store(digest, inform.digest.low);
    store(digest + 8, inform.digest.high);
    store(digest + 16, nanoseconds(inform.received));
    digest += kInformBytes;
  }
  const std::uint32_t seed = footer.header.epoch.value;
  store(at, kFooterMagic);
  store(at + 8, static_cast<std::uint32_t>(informs.size()));
  store(at + 12, crc32c({at + kFooterBytes, informs_bytes}, seed));
  store(at + 16, footer.offset);
  encode_totals(footer.totals, at + kTotalsAt);
  encode_header(footer.header, {at + kHeaderCopyAt, kHeaderBytes});
  store(at + kFooterCrcAt, crc_without({at, kFooterBytes}, kFooterCrcAt, seed));
  store(digest, footer.offset);
  store(digest + 8, kTrailerMagic);
  store(digest + 12, crc32c({digest, 12}, kConstantSeed));
}

std::optional<SegmentFooter> decode_footer(base::Bytes in, std::uint64_t offset) {
  if (in.size() < kFooterBytes) return std::nullopt;
  const std::byte* const at = in.data();
  if (load<std::uint32_t>(at) != kFooterMagic || load<std::uint64_t>(at + 16) != offset) {
    return std::nullopt;
  }
  const auto header = decode_header(in.subspan(kHeaderCopyAt, kHeaderBytes));
  if (!header) return std::nullopt;
  const std::uint32_t crc = crc_without(in.first(kFooterBytes), kFooterCrcAt, header->epoch.value);
  if (crc != load<std::uint32_t>(at + kFooterCrcAt)) return std::nullopt;
  return SegmentFooter{*header, decode_totals(at + kTotalsAt), offset, load<std::uint32_t>(at + 8),
                       load<std::uint32_t>(at + 12)};
}

bool decode_informs(const SegmentFooter& footer, base::Bytes in,
                    std::vector<RecoveredInform>& out) {
  const std::size_t size = footer.inform_count * kInformBytes;
  if (in.size() < size) return false;
  if (crc32c(in.first(size), footer.header.epoch.value) != footer.informs_crc) return false;
  for (std::size_t at = 0; at < size; at += kInformBytes) {
    const std::byte* const digest = in.data() + at;
    out.push_back({{load<std::uint64_t>(digest), load<std::uint64_t>(digest + 8)},
                   wall(load<std::int64_t>(digest + 16))});
  }
  return true;
}

std::optional<std::uint64_t> decode_trailer(base::Bytes in, std::uint64_t file_bytes) {
  if (in.size() < kTrailerBytes || load<std::uint32_t>(in.data() + 8) != kTrailerMagic) {
    return std::nullopt;
  }
  if (crc32c(in.first(12), kConstantSeed) != load<std::uint32_t>(in.data() + 12)) {
    return std::nullopt;
  }
  const auto offset = load<std::uint64_t>(in.data());
  const bool fits = offset >= kDataOffset && offset % 8 == 0 &&
                    offset + kFooterBytes + kTrailerBytes <= file_bytes;
  return fits ? std::optional(offset) : std::nullopt;
}

std::string segment_file_name(SegmentNumber number) {
  std::string digits = std::to_string(number.value);
  if (digits.size() < kNumberDigits) digits.insert(0, kNumberDigits - digits.size(), '0');
  return digits + ".seg";
}

std::optional<SegmentNumber> parse_segment_file_name(std::string_view name) {
  if (!name.ends_with(".seg")) return std::nullopt;
  name.remove_suffix(4);
  if (name.size() < kNumberDigits || name.size() > 19) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), value);
  if (error != std::errc{} || end != name.data() + name.size() || value == 0) return std::nullopt;
  return SegmentNumber{value};
}

bool is_node_id(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  return !text.empty() && text.size() <= kMaxNodeBytes &&
         std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace trapline::gateway::journal
