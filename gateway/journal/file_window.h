// A stretch of a file in memory, moved along as it is read.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "gateway/journal/fs.h"

namespace trapline::gateway::journal {

// Reads a file in large pieces and hands out views. One thread. Memory: one piece, or what the
// largest single view needed, whichever is more.
class FileWindow {
 public:
  // Pieces are of `piece_bytes`. `reads`, when given, counts them and must outlive the window.
  explicit FileWindow(std::size_t piece_bytes, std::atomic<std::uint64_t>* reads = nullptr)
      : piece_bytes_(piece_bytes), reads_(reads) {}

  // Goes over to a file, of which the octets before `end` are seen. The file must outlive its use.
  void attach(File& file, std::uint64_t end);
  // Lets more (or less) of the same file be seen.
  void set_end(std::uint64_t end) { end_ = end; }
  [[nodiscard]] std::uint64_t end() const { return end_; }

  // True when `size` octets at `offset` can be had without reading.
  [[nodiscard]] bool holds(std::uint64_t offset, std::size_t size) const {
    return offset >= begin_ && offset + size <= begin_ + size_bytes_;
  }
  // The octets at `offset`: `size` of them, or fewer where the file or its seen part ends or cannot
  // be read. The view is valid until the next call that has to read.
  [[nodiscard]] base::Bytes at(std::uint64_t offset, std::size_t size);
  // True when a read failed since the last `forget_failure`.
  [[nodiscard]] bool failed() const { return failed_; }
  void forget_failure() { failed_ = false; }
  // Octets read so far, over all files.
  [[nodiscard]] std::uint64_t read_bytes() const { return read_bytes_; }

 private:
  void load(std::uint64_t offset, std::size_t size);
  bool read(std::size_t size);

  const std::size_t piece_bytes_;
  std::atomic<std::uint64_t>* const reads_;
  File* file_ = nullptr;
  std::unique_ptr<std::byte[]> buffer_;
  std::size_t capacity_bytes_ = 0;
  std::uint64_t begin_ = 0;     // of the window, in the file
  std::size_t size_bytes_ = 0;  // of the window
  std::uint64_t end_ = 0;
  std::uint64_t read_bytes_ = 0;
  bool failed_ = false;
};

}  // namespace trapline::gateway::journal
