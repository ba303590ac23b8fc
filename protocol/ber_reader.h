// BerReader: a cursor over BER as SNMP uses it (X.690 §8.1, RFC 3417 §8): definite lengths only.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "protocol/decode_error.h"
#include "protocol/oid.h"
#include "protocol/tolerance.h"

namespace trapline::protocol {

// Identifier octets of RFC 1157, 2578 and 3416.
namespace tag {
inline constexpr std::uint8_t kInteger = 0x02;
inline constexpr std::uint8_t kOctetString = 0x04;
inline constexpr std::uint8_t kNull = 0x05;
inline constexpr std::uint8_t kObjectIdentifier = 0x06;
inline constexpr std::uint8_t kSequence = 0x30;
inline constexpr std::uint8_t kIpAddress = 0x40;
inline constexpr std::uint8_t kCounter32 = 0x41;
inline constexpr std::uint8_t kGauge32 = 0x42;
inline constexpr std::uint8_t kTimeTicks = 0x43;
inline constexpr std::uint8_t kOpaque = 0x44;
inline constexpr std::uint8_t kCounter64 = 0x46;
inline constexpr std::uint8_t kUnsigned32 = 0x47;
inline constexpr std::uint8_t kNoSuchObject = 0x80;
inline constexpr std::uint8_t kNoSuchInstance = 0x81;
inline constexpr std::uint8_t kEndOfMibView = 0x82;
inline constexpr std::uint8_t kGetRequest = 0xa0;
inline constexpr std::uint8_t kResponse = 0xa2;
inline constexpr std::uint8_t kTrapV1 = 0xa4;
inline constexpr std::uint8_t kInformRequest = 0xa6;
inline constexpr std::uint8_t kTrapV2 = 0xa7;
inline constexpr std::uint8_t kReport = 0xa8;
// The five low bits of an identifier octet that is continued in further octets (X.690 §8.1.2.4).
inline constexpr std::uint8_t kHighTagMark = 0x1f;
}  // namespace tag

// What an integer may take at most, whatever its type.
inline constexpr std::size_t kMaxIntegerBytes = 8;

// What the readers of one message share: where offsets count from, the tolerances used so far, the
// error that ended it, and room for OIDs that have to be rewritten. Not synchronised; one per
// message.
struct BerContext {
  // `input` is the whole message; `room` must not have to grow while views into it are in use.
  BerContext(base::Bytes input, std::vector<std::byte>& room)
      : origin(input.data()), canonical(room) {}

  // Notes the error and returns false, so that a reader can return it at once.
  [[gnu::cold, gnu::noinline]] bool fail(DecodeErrorKind kind, const std::byte* at) {
    error = DecodeError{kind, static_cast<std::uint32_t>(at - origin)};
    return false;
  }

  const std::byte* origin;
  std::vector<std::byte>& canonical;
  DecodeError error{DecodeErrorKind::truncated, 0};
  Tolerances flags;
};

// One element as it stands. With an identifier of several octets (its first one ends in 0x1f),
// `content` is everything behind the first octet: the rest of the identifier, the length and the
// content.
struct Element {
  std::uint8_t tag = 0;
  base::Bytes content;
};

// A cursor over one run of elements. Every read moves it behind what was read and returns true, or
// leaves it where it was, notes the error in the context and returns false. Reads nothing outside
// `input`, allocates nothing. Views `input` and the context, which outlive it. Not synchronised.
class BerReader {
 public:
  enum class Scope : std::uint8_t { whole_input, inside_parent };

  // `scope` says what an element that ends too late has run out of: the input, or its parent.
  BerReader(base::Bytes input, BerContext& context, Scope scope = Scope::inside_parent)
      : at_(input.data()), end_(input.data() + input.size()), context_(&context), scope_(scope) {}

  [[nodiscard]] bool at_end() const { return at_ == end_; }
  // The octet the next read begins with.
  [[nodiscard]] const std::byte* position() const { return at_; }
  // What has not been read yet.
  [[nodiscard]] base::Bytes rest() const { return {at_, end_}; }
  [[nodiscard]] BerContext& context() const { return *context_; }
  // Fails at the next octet to be read.
  bool fail(DecodeErrorKind kind) const { return context_->fail(kind, at_); }

  // Any element, identifiers of several octets included.
  [[nodiscard]] bool read_any(Element& out);
  // The content of an element whose identifier must be `expected`, which is of one octet.
  [[nodiscard]] bool read(std::uint8_t expected, base::Bytes& content);
  // An INTEGER of 1 to 8 octets, which need not be minimal; as a number, or its octets.
  [[nodiscard]] bool read_integer(std::int64_t& out);
  [[nodiscard]] bool read_integer_content(base::Bytes& out);
  // An INTEGER whose value fits 32 bits.
  [[nodiscard]] bool read_int32(std::int32_t& out);
  // An OBJECT IDENTIFIER, made canonical. Flags padded and empty ones.
  [[nodiscard]] bool read_oid(OidView& out);

 private:
  // Where an element's content begins, and where it ends and the next element begins; `end` is null
  // when there is no element. Two pointers, so that it comes back in registers.
  struct Extent {
    const std::byte* begin = nullptr;
    const std::byte* end = nullptr;
  };
  // Everything but the plain case of read_any. By value, so that readers stay in registers too.
  [[nodiscard, gnu::noinline]] static Extent parse_long(const std::byte* at, const std::byte* end,
                                                        BerContext& context, Scope scope);

  const std::byte* at_;
  const std::byte* end_;
  BerContext* context_;
  Scope scope_;
};

// An OID of which some sub-identifier has more than one octet, or none has any: what accept_oid
// does with it.
[[nodiscard, gnu::noinline]] std::optional<OidView> accept_long_oid(base::Bytes content,
                                                                    BerContext& context);

// True when every octet is a sub-identifier by itself.
[[nodiscard]] inline bool is_plain_oid(base::Bytes content) {
  constexpr std::uint64_t kTopBits = 0x8080'8080'8080'8080;
  const std::byte* const first = content.data();
  const std::size_t size = content.size();
  const auto load = [](const std::byte* at) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    return word;
  };
  // The first octet counts as two sub-identifiers. Short OIDs are rare enough to take the long way.
  if (size < sizeof(std::uint64_t) || size >= kMaxSubIdentifiers) return false;
  std::uint64_t seen = load(first + size - sizeof(std::uint64_t));
  for (std::size_t i = 0; i + sizeof(std::uint64_t) < size; i += sizeof(std::uint64_t)) {
    seen |= load(first + i);
  }
  return (seen & kTopBits) == 0;
}

// `content` as an OID: as it is when canonical, else rewritten into the context's room. Flags
// padded and empty ones; nothing on an unterminated sub-identifier, one over 32 bits, or more than
// kMaxSubIdentifiers.
[[nodiscard]] inline std::optional<OidView> accept_oid(base::Bytes content, BerContext& context) {
  if (is_plain_oid(content)) [[likely]]
    return OidView(content);
  return accept_long_oid(content, context);
}

// Big-endian octets (1 to 8) as a sign-extended, or zero-extended, number.
[[nodiscard]] inline std::int64_t signed_number(base::Bytes octets) {
  auto value = static_cast<std::uint64_t>(
      static_cast<std::int64_t>(static_cast<std::int8_t>(octets.front())));
  for (std::size_t i = 1; i < octets.size(); ++i) {
    value = (value << 8) | std::to_integer<std::uint64_t>(octets[i]);
  }
  return static_cast<std::int64_t>(value);
}
[[nodiscard]] inline std::uint64_t unsigned_number(base::Bytes octets) {
  std::uint64_t value = 0;
  for (const std::byte octet : octets) {
    value = (value << 8) | std::to_integer<std::uint64_t>(octet);
  }
  return value;
}

inline bool BerReader::read_any(Element& out) {
  // One identifier octet and one length octet: nearly every element there is.
  if (end_ - at_ >= 2) [[likely]] {
    const auto identifier = std::to_integer<std::uint8_t>(at_[0]);
    const auto length = std::to_integer<std::ptrdiff_t>(at_[1]);
    if (length < 0x80 && length <= end_ - at_ - 2 &&
        (identifier & tag::kHighTagMark) != tag::kHighTagMark) [[likely]] {
      out.tag = identifier;
      out.content = {at_ + 2, static_cast<std::size_t>(length)};
      at_ += 2 + length;
      return true;
    }
  }
  const Extent extent = parse_long(at_, end_, *context_, scope_);
  if (extent.end == nullptr) return false;
  out.tag = std::to_integer<std::uint8_t>(*at_);
  out.content = {extent.begin, extent.end};
  at_ = extent.end;
  return true;
}

inline bool BerReader::read(std::uint8_t expected, base::Bytes& content) {
  if (at_ != end_ && std::to_integer<std::uint8_t>(*at_) != expected) [[unlikely]] {
    return fail(DecodeErrorKind::unexpected_tag);
  }
  Element element;
  if (!read_any(element)) return false;
  content = element.content;
  return true;
}

inline bool BerReader::read_oid(OidView& out) {
  const std::byte* const before = at_;
  base::Bytes content;
  if (!read(tag::kObjectIdentifier, content)) return false;
  const std::optional<OidView> oid = accept_oid(content, *context_);
  if (!oid) [[unlikely]] {
    at_ = before;
    return false;
  }
  out = *oid;
  return true;
}

inline bool BerReader::read_integer_content(base::Bytes& out) {
  const std::byte* const before = at_;
  base::Bytes content;
  if (!read(tag::kInteger, content)) return false;
  if (content.empty() || content.size() > kMaxIntegerBytes) [[unlikely]] {
    at_ = before;
    return fail(DecodeErrorKind::integer_size);
  }
  out = content;
  return true;
}

inline bool BerReader::read_integer(std::int64_t& out) {
  base::Bytes content;
  if (!read_integer_content(content)) return false;
  out = signed_number(content);
  return true;
}

inline bool BerReader::read_int32(std::int32_t& out) {
  const std::byte* const before = at_;
  std::int64_t wide = 0;
  if (!read_integer(wide)) return false;
  if (wide != static_cast<std::int32_t>(wide)) [[unlikely]] {
    at_ = before;
    return fail(DecodeErrorKind::integer_size);
  }
  out = static_cast<std::int32_t>(wide);
  return true;
}

}  // namespace trapline::protocol
