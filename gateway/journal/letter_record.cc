#include "gateway/journal/letter_record.h"

#include <algorithm>
#include <cstring>

#include "gateway/journal/record_wire.h"

namespace trapline::gateway::journal {
namespace {

constexpr Epoch kLetterEpoch{0x7265'7474};  // letters belong to no segment
constexpr std::size_t kFixedBytes = 8;
constexpr std::size_t kMaxReasonBytes = 1'024;
constexpr std::size_t kMaxTextBytes = 255;

// Room for one record at the end of `out`, its header written.
std::byte* add_record(std::vector<std::byte>& out, RecordType type, std::size_t payload_bytes,
                      base::WallTime received) {
  const std::size_t at = out.size();
  out.resize(at + record_bytes(payload_bytes));
  write_header(out.data() + at, type, static_cast<std::uint32_t>(payload_bytes), received);
  return out.data() + at;
}

void append_copy(const RecordView& record, std::vector<std::byte>& out) {
  std::byte* at = add_record(out, record.type, record.payload.size(), record.received);
  if (!record.payload.empty()) {
    std::memcpy(at + kRecordHeaderBytes, record.payload.data(), record.payload.size());
  }
  stamp_record(at, record.ref.lsn, record.rule_time, kLetterEpoch);
}

std::optional<RecordView> read_record(base::Bytes file, std::size_t& offset, RecordType type) {
  if (file.size() - offset < kRecordHeaderBytes) return std::nullopt;
  const auto header = read_header(file.subspan(offset));
  if (!header || header->type != type || header->payload_bytes > kMaxPayloadBytes ||
      record_bytes(header->payload_bytes) > file.size() - offset ||
      !record_intact(file.data() + offset, header->payload_bytes, kLetterEpoch)) {
    return std::nullopt;
  }
  const RecordView view = view_record(file.data() + offset, {}, 0, kLetterEpoch);
  offset += record_bytes(header->payload_bytes);
  return view;
}

// Takes the next `size` octets of `texts`, which has them.
std::string_view take(base::Bytes& texts, std::size_t size) {
  const std::string_view text = base::as_text(texts.first(size));
  texts = texts.subspan(size);
  return text;
}

}  // namespace

void append_letter(const Letter& letter, std::vector<std::byte>& out) {
  const std::string_view sink = letter.sink.substr(0, kMaxTextBytes);
  const std::string_view id = letter.id.substr(0, kMaxTextBytes);
  const std::string_view reason = letter.reason.substr(0, kMaxReasonBytes);
  std::byte* const at = add_record(
      out, RecordType::letter, kFixedBytes + sink.size() + id.size() + reason.size(), letter.since);
  std::byte* payload = at + kRecordHeaderBytes;
  store(payload, letter.attempts);
  store(payload + 4, static_cast<std::uint8_t>(sink.size()));
  store(payload + 5, static_cast<std::uint8_t>(id.size()));
  store(payload + 6, static_cast<std::uint16_t>(reason.size()));
  payload += kFixedBytes;
  for (const std::string_view text : {sink, id, reason}) {
    payload = std::ranges::copy(base::as_bytes(text), payload).out;
  }
  stamp_record(at, Lsn{letter.number}, {}, kLetterEpoch);
  append_copy(letter.outcome, out);
  append_copy(letter.event, out);
}

std::optional<Letter> read_letter(base::Bytes file, std::size_t& offset) {
  std::size_t at = offset;
  const auto head = read_record(file, at, RecordType::letter);
  if (!head || head->payload.size() < kFixedBytes) return std::nullopt;
  const std::byte* const fixed = head->payload.data();
  const std::size_t sink = load<std::uint8_t>(fixed + 4);
  const std::size_t id = load<std::uint8_t>(fixed + 5);
  const std::size_t reason = load<std::uint16_t>(fixed + 6);
  base::Bytes texts = head->payload.subspan(kFixedBytes);
  if (sink + id + reason != texts.size()) return std::nullopt;
  const auto outcome = read_record(file, at, RecordType::outcome);
  if (!outcome) return std::nullopt;
  const auto event = read_record(file, at, RecordType::event);
  if (!event) return std::nullopt;
  offset = at;
  Letter letter{head->ref.lsn.value,        head->received, {},    {}, {},
                load<std::uint32_t>(fixed), *outcome,       *event};
  letter.sink = take(texts, sink);
  letter.id = take(texts, id);
  letter.reason = take(texts, reason);
  return letter;
}

}  // namespace trapline::gateway::journal
