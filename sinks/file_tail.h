// The end of a file of lines: where its last whole line ends, and what that line says.
#pragma once

#include <cstdint>
#include <string>

#include "sinks/files.h"

namespace trapline::sinks {

// No line of ours is longer; a file whose last line is, is not ours.
inline constexpr std::uint64_t kLongestLineBytes = 16ULL << 20;

// What stands before `whole_bytes` is whole lines; what stands behind is torn and to be cut off.
struct FileTail {
  std::uint64_t whole_bytes = 0;
  std::string last_line;  // without its newline; empty when there is no whole line
};

// Reads backwards from `size_bytes`. A line with a NUL octet counts as torn: we write none, but a
// file system may leave blocks of them behind after a power loss. Fails with file_too_large when
// there is no line's end within kLongestLineBytes.
[[nodiscard]] FileResult<FileTail> read_tail(File& file, std::uint64_t size_bytes);

}  // namespace trapline::sinks
