#include "gateway/load/load_mark.h"

#include <charconv>
#include <cstring>

namespace trapline::gateway::load {
namespace {

constexpr std::string_view kPrefix = "tl-";
constexpr std::size_t kRunAt = 3;
constexpr std::size_t kSourceAt = 12;
constexpr std::size_t kSequenceAt = 17;

template <std::size_t kDigits>
void write_hex(std::uint32_t number, char* out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (std::size_t i = kDigits; i-- > 0; number >>= 4) out[i] = kHex[number & 0xf];
}

template <class Number>
bool read_hex(std::string_view digits, Number& out) {
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out, 16);
  return error == std::errc{} && end == digits.data() + digits.size();
}

bool read_mark(std::string_view text, Mark& mark) {
  return text[kSourceAt - 1] == '-' && text[kSequenceAt - 1] == '-' &&
         read_hex(text.substr(kRunAt, 8), mark.run) &&
         read_hex(text.substr(kSourceAt, 4), mark.source) &&
         read_hex(text.substr(kSequenceAt, 8), mark.sequence);
}

}  // namespace

void write_mark(const Mark& mark, std::span<char, kMarkBytes> out) {
  std::memcpy(out.data(), kPrefix.data(), kPrefix.size());
  write_hex<8>(mark.run, out.data() + kRunAt);
  out[kSourceAt - 1] = '-';
  write_hex<4>(mark.source, out.data() + kSourceAt);
  out[kSequenceAt - 1] = '-';
  write_hex<8>(mark.sequence, out.data() + kSequenceAt);
}

std::optional<Mark> find_mark(std::string_view text) {
  for (std::size_t at = text.find(kPrefix); at != std::string_view::npos;
       at = text.find(kPrefix, at + 1)) {
    Mark mark;
    if (text.size() - at < kMarkBytes) return std::nullopt;
    if (read_mark(text.substr(at, kMarkBytes), mark)) return mark;
  }
  return std::nullopt;
}

}  // namespace trapline::gateway::load
