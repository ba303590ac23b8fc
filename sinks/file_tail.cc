#include "sinks/file_tail.h"

#include <algorithm>
#include <optional>

namespace trapline::sinks {
namespace {

constexpr std::uint64_t kFirstReadBytes = 64ULL << 10;

// The tail as far as `text`, the end of the file, shows it. Nothing when the last whole line may
// begin before `text` does.
std::optional<FileTail> tail_within(std::string_view text, std::uint64_t text_offset) {
  FileTail tail;
  while (true) {
    const std::size_t end = text.rfind('\n');
    if (end == std::string_view::npos) break;
    const std::size_t before = end == 0 ? std::string_view::npos : text.rfind('\n', end - 1);
    if (before == std::string_view::npos && text_offset != 0) return std::nullopt;
    const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
    const std::string_view line = text.substr(begin, end - begin);
    if (line.find('\0') == std::string_view::npos) {
      tail.whole_bytes = text_offset + end + 1;
      tail.last_line = line;
      return tail;
    }
    text = text.substr(0, begin);
  }
  if (text_offset != 0) return std::nullopt;
  return tail;
}

}  // namespace

FileResult<FileTail> read_tail(File& file, std::uint64_t size_bytes) {
  std::string text;
  for (std::uint64_t wanted = kFirstReadBytes;; wanted *= 4) {
    const std::uint64_t length = std::min({wanted, size_bytes, kLongestLineBytes});
    text.resize(length);
    const auto read = file.read_at(size_bytes - length, text);
    if (!read) return read.error();
    text.resize(*read);
    if (const auto tail = tail_within(text, size_bytes - length)) return *tail;
    if (length == kLongestLineBytes) return std::make_error_code(std::errc::file_too_large);
  }
}

}  // namespace trapline::sinks
