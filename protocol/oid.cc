#include "protocol/oid.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace trapline::protocol {
namespace {

constexpr std::byte kMore{0x80};  // "another octet of this sub-identifier follows"

void append_decimal(std::uint32_t number, std::string& out) {
  std::array<char, 10> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end);
}

// The sub-identifier at `at`, which moves behind it. The content is canonical, so it ends.
std::uint32_t next_sub_identifier(base::Bytes content, std::size_t& at) {
  std::uint32_t value = 0;
  while (at < content.size()) {
    const std::byte octet = content[at++];
    value = (value << 7) | std::to_integer<std::uint32_t>(octet & ~kMore);
    if ((octet & kMore) == std::byte{0}) break;
  }
  return value;
}

void append_base128(std::uint32_t value, std::vector<std::byte>& out) {
  for (unsigned shift = 28; shift > 0; shift -= 7) {
    if ((value >> shift) != 0) out.push_back(kMore | std::byte((value >> shift) & 0x7f));
  }
  out.push_back(std::byte(value & 0x7f));
}

// One arc of dotted text, taken off the front of `text` with the dot behind it.
std::optional<std::uint32_t> take_arc(std::string_view& text) {
  std::uint32_t value = 0;
  const char* const stop = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), stop, value);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (text.empty()) return value;
  if (text.front() != '.' || text.size() == 1) return std::nullopt;
  text.remove_prefix(1);
  return value;
}

}  // namespace

bool OidView::starts_with(OidView prefix) const {
  return content_.size() >= prefix.content_.size() &&
         base::equal(content_.first(prefix.content_.size()), prefix.content_);
}

OidView OidView::suffix(std::size_t prefix_bytes) const {
  return OidView(content_.subspan(std::min(prefix_bytes, content_.size())));
}

std::size_t OidView::size() const {
  if (content_.empty()) return 0;
  const auto last_octets = std::count_if(content_.begin(), content_.end(), [](std::byte octet) {
    return (octet & kMore) == std::byte{0};
  });
  return static_cast<std::size_t>(last_octets) + 1;
}

void OidView::append_to(std::string& out) const {
  if (content_.empty()) {
    out += "0.0";
    return;
  }
  std::size_t at = 0;
  const std::uint32_t both = next_sub_identifier(content_, at);
  const std::uint32_t first = std::min(both / 40, 2U);
  append_decimal(first, out);
  out += '.';
  append_decimal(both - first * 40, out);
  if (at == content_.size()) return;
  out += '.';
  suffix(at).append_suffix_to(out);
}

void OidView::append_suffix_to(std::string& out) const {
  for (std::size_t at = 0; at < content_.size();) {
    if (at != 0) out += '.';
    append_decimal(next_sub_identifier(content_, at), out);
  }
}

std::string OidView::to_string() const {
  std::string out;
  append_to(out);
  return out;
}

std::strong_ordering operator<=>(OidView a, OidView b) {
  const std::size_t common = std::min(a.content_.size(), b.content_.size());
  const int order = common == 0 ? 0 : std::memcmp(a.content_.data(), b.content_.data(), common);
  if (order != 0) return order <=> 0;
  return a.content_.size() <=> b.content_.size();
}

std::optional<Oid> Oid::parse(std::string_view dotted) {
  if (dotted.starts_with('.')) dotted.remove_prefix(1);
  const auto first = take_arc(dotted);
  if (!first || *first > 2 || dotted.empty()) return std::nullopt;
  const auto second = take_arc(dotted);
  const std::uint32_t highest_second = *first < 2 ? 39 : UINT32_MAX - 80;
  if (!second || *second > highest_second) return std::nullopt;
  Oid oid;
  oid.append(*first * 40 + *second);
  for (std::size_t count = 2; !dotted.empty(); ++count) {
    const auto arc = take_arc(dotted);
    if (!arc || count == kMaxSubIdentifiers) return std::nullopt;
    oid.append(*arc);
  }
  return oid;
}

void Oid::append(std::uint32_t sub_identifier) { append_base128(sub_identifier, content_); }

}  // namespace trapline::protocol
