// Views of octets. A view owns nothing: whoever hands one out says how long it lives.
#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>

namespace trapline::base {

using Bytes = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;

// The octets of a string, and back. No copy; the result views `text` (or `bytes`).
inline Bytes as_bytes(std::string_view text) {
  return std::as_bytes(std::span<const char>(text.data(), text.size()));
}
inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// True when both views hold the same octets. Not constant time: see secret.h for secrets.
inline bool equal(Bytes a, Bytes b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

}  // namespace trapline::base
