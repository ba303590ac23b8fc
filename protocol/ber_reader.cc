// BER as SNMP uses it (X.690 §8.1.2 identifiers, §8.1.3 lengths, §8.3 INTEGER, §8.19 OBJECT IDENTIFIER).
//
//   identifier  one octet; its five low bits all set: continued in octets whose top bit is set but the last's
//   length      0nnnnnnn: n octets | 1000cccc: the next c octets (at most four) hold it | 10000000: indefinite

#include "protocol/ber_reader.h"

namespace trapline::protocol {
namespace {

constexpr std::byte kTopBit{0x80};
constexpr std::size_t kMaxLengthOctets = 4;
constexpr std::size_t kMaxIntegerBytes = 8;
constexpr std::size_t kMaxPlainOidBytes = kMaxSubIdentifiers - 1;  // the first octet counts as two

bool has_top_bit(std::byte octet) { return (octet & kTopBit) != std::byte{0}; }

std::uint64_t load64(const std::byte* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// True when every octet is a sub-identifier by itself.
bool is_plain(base::Bytes content) {
  constexpr std::uint64_t kTopBits = 0x8080'8080'8080'8080;
  const std::byte* const first = content.data();
  const std::size_t size = content.size();
  std::uint64_t seen = 0;
  if (size >= sizeof seen) {
    for (std::size_t i = 0; i + sizeof seen <= size; i += sizeof seen) seen |= load64(first + i);
    seen |= load64(first + size - sizeof seen);
  } else {
    for (const std::byte octet : content) seen |= std::to_integer<std::uint64_t>(octet);
  }
  return (seen & kTopBits) == 0;
}

// Moves `at` behind the sub-identifier it stands on; tells whether that was padded.
bool skip_sub_identifier(const std::byte*& at, const std::byte* end, BerContext& context,
                         bool& padded) {
  const std::byte* const first = at;
  padded = padded || *first == kTopBit;
  std::uint64_t value = 0;
  for (; at != end; ++at) {
    value = (value << 7) | std::to_integer<std::uint64_t>(*at & ~kTopBit);
    if (value > UINT32_MAX) return context.fail(DecodeErrorKind::sub_identifier, first);
    if (!has_top_bit(*at)) {
      ++at;
      return true;
    }
  }
  return context.fail(DecodeErrorKind::sub_identifier, first);
}

// Appends `content` to the room without its padding; the room has space for it (see BerContext).
OidView rewrite(base::Bytes content, std::vector<std::byte>& room) {
  const std::size_t began = room.size();
  bool at_start = true;
  for (const std::byte octet : content) {
    if (at_start && octet == kTopBit) continue;
    room.push_back(octet);
    at_start = !has_top_bit(octet);
  }
  return OidView(base::Bytes(room).subspan(began));
}

}  // namespace

bool accept_oid(base::Bytes content, BerContext& context, OidView& out) {
  if (content.empty()) {
    context.flags.add(Tolerance::empty_oid);
    out = OidView();
    return true;
  }
  if (content.size() <= kMaxPlainOidBytes && is_plain(content)) [[likely]] {
    out = OidView(content);
    return true;
  }
  const std::byte* at = content.data();
  const std::byte* const end = at + content.size();
  bool padded = false;
  for (std::size_t count = 1; at != end;) {
    if (++count > kMaxSubIdentifiers) return context.fail(DecodeErrorKind::oid_too_long, at);
    if (!skip_sub_identifier(at, end, context, padded)) return false;
  }
  if (!padded) {
    out = OidView(content);
    return true;
  }
  context.flags.add(Tolerance::padded_sub_identifier);
  out = rewrite(content, context.canonical);
  return true;
}

bool BerReader::read_integer(std::int64_t& out) {
  const std::byte* const before = at_;
  base::Bytes content;
  if (!read(tag::kInteger, content)) return false;
  if (content.empty() || content.size() > kMaxIntegerBytes) {
    at_ = before;
    return fail(DecodeErrorKind::integer_size);
  }
  out = signed_number(content);
  return true;
}

bool BerReader::read_int32(std::int32_t& out) {
  const std::byte* const before = at_;
  std::int64_t wide = 0;
  if (!read_integer(wide)) return false;
  out = static_cast<std::int32_t>(wide);
  if (out == wide) [[likely]] return true;
  at_ = before;
  return fail(DecodeErrorKind::integer_size);
}

// A length in its long form, or what is wrong with it; `at` moves behind it.
bool BerReader::read_length(const std::byte*& at, std::size_t& length) const {
  if (at == end_) return context_->fail(DecodeErrorKind::truncated, at);
  const std::byte* const first = at++;
  length = std::to_integer<std::size_t>(*first);
  if (length < 0x80) return true;
  const std::size_t octets = length & 0x7f;
  if (octets == 0) return context_->fail(DecodeErrorKind::indefinite_length, first);
  if (octets > kMaxLengthOctets) return context_->fail(DecodeErrorKind::length_too_wide, first);
  if (octets > static_cast<std::size_t>(end_ - at)) {
    return context_->fail(DecodeErrorKind::truncated, end_);
  }
  length = static_cast<std::size_t>(unsigned_number({at, octets}));
  if (length < 0x80 || *at == std::byte{0}) context_->flags.add(Tolerance::non_minimal_length);
  at += octets;
  return true;
}

bool BerReader::read_long(Element& out) {
  const std::byte* at = at_;
  if (at == end_) return context_->fail(DecodeErrorKind::truncated, at);
  const auto identifier = std::to_integer<std::uint8_t>(*at++);
  const bool high_tag = (identifier & tag::kHighTagMark) == tag::kHighTagMark;
  const std::byte* const behind_first = at;
  if (high_tag) {
    while (at != end_ && has_top_bit(*at)) ++at;
    if (at == end_) return context_->fail(DecodeErrorKind::truncated, at);
    ++at;
  }
  const std::byte* const length_at = at;
  std::size_t length = 0;
  if (!read_length(at, length)) return false;
  if (length > static_cast<std::size_t>(end_ - at)) {
    return scope_ == Scope::whole_input
               ? context_->fail(DecodeErrorKind::truncated, end_)
               : context_->fail(DecodeErrorKind::length_beyond_parent, length_at);
  }
  out.tag = identifier;
  out.content = {high_tag ? behind_first : at, at + length};
  at_ = at + length;
  return true;
}

}  // namespace trapline::protocol
