#include "sinks/text_buffer.h"

#include <algorithm>

namespace trapline::sinks {
namespace {

// The sub-identifier at `at`, which moves behind it. Canonical content: it ends.
std::uint32_t next_sub_identifier(base::Bytes content, std::size_t& at) {
  std::uint32_t value = 0;
  while (at < content.size()) {
    const auto octet = std::to_integer<std::uint32_t>(content[at++]);
    value = (value << 7) | (octet & 0x7f);
    if (octet < 0x80) break;
  }
  return value;
}

}  // namespace

void TextBuffer::put_hex(base::Bytes octets, char separator) {
  constexpr std::string_view kHexDigits = "0123456789abcdef";
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const auto octet = std::to_integer<unsigned>(octets[i]);
    if (separator != '\0' && i != 0) put(separator);
    put(kHexDigits[octet >> 4]);
    put(kHexDigits[octet & 0xf]);
  }
}

void TextBuffer::put_oid(protocol::OidView oid) {
  if (oid.empty()) return put("0.0");
  const auto first = std::to_integer<unsigned>(oid.content().front());
  put(static_cast<char>('0' + (first < 40 ? 0 : first < 80 ? 1 : 2)));
  put_oid_tail(oid);
}

void TextBuffer::put_oid_tail(protocol::OidView oid) {
  std::size_t at = 0;
  const std::uint32_t both = next_sub_identifier(oid.content(), at);
  put('.');
  put_number(both - std::min(both / 40, 2U) * 40);
  if (at == oid.content().size()) return;
  put('.');
  put_oid_suffix(oid.suffix(at));
}

void TextBuffer::put_oid_suffix(protocol::OidView suffix) {
  const base::Bytes content = suffix.content();
  for (std::size_t at = 0; at < content.size();) {
    if (at != 0) put('.');
    const std::uint32_t arc = next_sub_identifier(content, at);
    if (arc < 10) {
      put(static_cast<char>('0' + arc));
    } else {
      put_number(arc);
    }
  }
}

}  // namespace trapline::sinks
