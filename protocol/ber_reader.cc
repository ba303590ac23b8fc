// BER as SNMP uses it (X.690 §8.1.2 identifiers, §8.1.3 lengths, §8.3 INTEGER, §8.19 OBJECT
// IDENTIFIER).
//
//   identifier  one octet; its five low bits all set: continued in octets whose top bit is set but
//   the last's length      0nnnnnnn: n octets | 1000cccc: the next c octets (at most four) hold it
//   | 10000000: indefinite

#include "protocol/ber_reader.h"

namespace trapline::protocol {
namespace {

constexpr std::byte kTopBit{0x80};
constexpr std::size_t kMaxLengthOctets = 4;

bool has_top_bit(std::byte octet) { return (octet & kTopBit) != std::byte{0}; }

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

// A length in its long form, or what is wrong with it; `at` moves behind it.
bool parse_length(const std::byte*& at, const std::byte* end, BerContext& context,
                  std::size_t& length) {
  if (at == end) return context.fail(DecodeErrorKind::truncated, at);
  const std::byte* const first = at++;
  length = std::to_integer<std::size_t>(*first);
  if (length < 0x80) return true;
  const std::size_t octets = length & 0x7f;
  if (octets == 0) return context.fail(DecodeErrorKind::indefinite_length, first);
  if (octets > kMaxLengthOctets) return context.fail(DecodeErrorKind::length_too_wide, first);
  if (octets > static_cast<std::size_t>(end - at)) {
    return context.fail(DecodeErrorKind::truncated, end);
  }
  length = static_cast<std::size_t>(unsigned_number({at, octets}));
  if (length < 0x80 || *at == std::byte{0}) context.flags.add(Tolerance::non_minimal_length);
  at += octets;
  return true;
}

}  // namespace

std::optional<OidView> accept_long_oid(base::Bytes content, BerContext& context) {
  if (content.empty()) {
    context.flags.add(Tolerance::empty_oid);
    return OidView();
  }
  const std::byte* at = content.data();
  const std::byte* const end = at + content.size();
  bool padded = false;
  for (std::size_t count = 1; at != end;) {
    if (++count > kMaxSubIdentifiers) {
      context.fail(DecodeErrorKind::oid_too_long, at);
      return std::nullopt;
    }
    if (!skip_sub_identifier(at, end, context, padded)) return std::nullopt;
  }
  if (!padded) return OidView(content);
  context.flags.add(Tolerance::padded_sub_identifier);
  return rewrite(content, context.canonical);
}

BerReader::Extent BerReader::parse_long(const std::byte* at, const std::byte* end,
                                        BerContext& context, Scope scope) {
  if (at == end) {
    context.fail(DecodeErrorKind::truncated, at);
    return {};
  }
  const auto identifier = std::to_integer<std::uint8_t>(*at++);
  const bool high_tag = (identifier & tag::kHighTagMark) == tag::kHighTagMark;
  const std::byte* const behind_first = at;
  if (high_tag) {
    while (at != end && has_top_bit(*at)) ++at;
    if (at != end) ++at;
  }
  const std::byte* const length_at = at;
  std::size_t length = 0;
  if (!parse_length(at, end, context, length)) return {};
  if (length > static_cast<std::size_t>(end - at)) {
    if (scope == Scope::whole_input) {
      context.fail(DecodeErrorKind::truncated, end);
    } else {
      context.fail(DecodeErrorKind::length_beyond_parent, length_at);
    }
    return {};
  }
  return {high_tag ? behind_first : at, at + length};
}

}  // namespace trapline::protocol
