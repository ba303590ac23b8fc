// Files that may hold secrets, read into memory outside core dumps.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/undumped_buffer.h"

namespace trapline::gateway {

// A file's octets. Move-only; wiped when it dies.
struct FileContent {
  base::UndumpedBuffer memory;
  std::size_t size_bytes = 0;
  // Views this object.
  [[nodiscard]] base::Bytes content() const { return memory.bytes().first(size_bytes); }
};

// Reads a regular file, pipe or device to its end. Nothing, with the reason in `problem`, when it
// cannot be read or is larger than `most_bytes`. No stdio, so no other copy is made.
[[nodiscard]] std::optional<FileContent> read_whole_file(const std::string& path,
                                                         std::size_t most_bytes,
                                                         std::string& problem);

}  // namespace trapline::gateway
