#include "gateway/journal/record_wire.h"

#include <array>

namespace trapline::gateway::journal {
namespace {

constexpr std::size_t kTypeAt = 4;
constexpr std::size_t kZeroAt = 12;
constexpr std::size_t kLsnAt = 16;
constexpr std::size_t kRuleTimeAt = 24;
constexpr std::size_t kReceivedAt = 32;

base::WallTime wall_at(const std::byte* at) {
  return base::WallTime(std::chrono::nanoseconds(load<std::int64_t>(at)));
}

}  // namespace

void write_header(std::byte* record, RecordType type, std::uint32_t payload_bytes,
                  base::WallTime received) {
  std::memset(record, 0, kRecordHeaderBytes);
  store(record, payload_bytes);
  store(record + kTypeAt, static_cast<std::uint8_t>(type));
  store(record + kReceivedAt, std::int64_t{received.time_since_epoch().count()});
}

std::optional<RecordHeader> read_header(base::Bytes bytes) {
  const std::byte* at = bytes.data();
  RecordHeader header;
  header.payload_bytes = load<std::uint32_t>(at);
  // The type is one octet and the next three are zero: one number says both.
  const auto type = load<std::uint32_t>(at + kTypeAt);
  if (type < static_cast<std::uint32_t>(RecordType::event) ||
      type > static_cast<std::uint32_t>(RecordType::answer)) {
    return std::nullopt;
  }
  if (header.payload_bytes > kMaxPayloadBytes || load<std::uint32_t>(at + kZeroAt) != 0) {
    return std::nullopt;
  }
  header.type = static_cast<RecordType>(type);
  header.crc = load<std::uint32_t>(at + kRecordCrcAt);
  header.lsn = Lsn{load<std::uint64_t>(at + kLsnAt)};
  header.rule_time = RuleTime{load<std::int64_t>(at + kRuleTimeAt)};
  header.received = wall_at(at + kReceivedAt);
  return header;
}

std::uint32_t stamp_record(std::byte* record, Lsn lsn, RuleTime rule_time, Epoch epoch) {
  store(record + kLsnAt, lsn.value);
  store(record + kRuleTimeAt, rule_time.since_epoch_ns);
  store(record + kRecordCrcAt, std::uint32_t{0});
  const base::Bytes covered{record, kRecordHeaderBytes + load<std::uint32_t>(record)};
  const std::uint32_t crc = crc32c(covered, epoch.value);
  store(record + kRecordCrcAt, crc);
  return crc;
}

bool record_intact(const std::byte* record, std::uint32_t payload_bytes, Epoch epoch) {
  std::array<std::byte, kRecordHeaderBytes> header;
  std::memcpy(header.data(), record, header.size());
  store(header.data() + kRecordCrcAt, std::uint32_t{0});
  const std::uint32_t crc = crc32c(header, epoch.value);
  return crc32c({record + kRecordHeaderBytes, payload_bytes}, crc) ==
         load<std::uint32_t>(record + kRecordCrcAt);
}

RecordView view_record(const std::byte* record, SegmentNumber segment, std::uint32_t offset,
                       Epoch epoch) {
  RecordView view;
  view.type = static_cast<RecordType>(load<std::uint8_t>(record + kTypeAt));
  view.ref = {Lsn{load<std::uint64_t>(record + kLsnAt)}, segment, offset};
  view.epoch = epoch;
  view.rule_time = RuleTime{load<std::int64_t>(record + kRuleTimeAt)};
  view.received = wall_at(record + kReceivedAt);
  view.payload = {record + kRecordHeaderBytes, load<std::uint32_t>(record)};
  return view;
}

}  // namespace trapline::gateway::journal
