#include "gateway/engine_id_text.h"

#include "protocol/usm/user.h"

namespace trapline::gateway {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string engine_id_text(base::Bytes engine_id) {
  std::string text;
  for (const std::byte octet : engine_id) {
    text += kDigits[std::to_integer<unsigned>(octet) >> 4];
    text += kDigits[std::to_integer<unsigned>(octet) & 15];
  }
  return text;
}

std::optional<std::vector<std::byte>> parse_engine_id(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  const std::size_t size = text.size() / 2;
  if (text.size() % 2 != 0 || size < protocol::usm::kMinEngineIdBytes ||
      size > protocol::usm::kMaxEngineIdBytes) {
    return std::nullopt;
  }
  std::vector<std::byte> id;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit_value(text[i]);
    const int low = digit_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    id.push_back(static_cast<std::byte>(high * 16 + low));
  }
  return id;
}

}  // namespace trapline::gateway
