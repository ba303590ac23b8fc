#include "gateway/commands/hex_text.h"

namespace trapline::gateway {
namespace {

constexpr int kNoDigit = -1;

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return kNoDigit;
}

bool separates(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ':' || c == '-' || c == ',';
}

}  // namespace

std::optional<std::vector<std::byte>> parse_hex(std::string_view text) {
  std::vector<std::byte> octets;
  for (std::size_t i = 0; i < text.size();) {
    const bool fresh = i == 0 || separates(text[i - 1]);
    if (separates(text[i])) {
      ++i;
    } else if (fresh && (text.substr(i, 2) == "0x" || text.substr(i, 2) == "0X")) {
      i += 2;
    } else {
      const int high = digit(text[i]);
      const int low = i + 1 < text.size() ? digit(text[i + 1]) : kNoDigit;
      if (high == kNoDigit || low == kNoDigit) return std::nullopt;
      octets.push_back(static_cast<std::byte>(high * 16 + low));
      i += 2;
    }
  }
  return octets;
}

}  // namespace trapline::gateway
