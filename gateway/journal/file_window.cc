#include "gateway/journal/file_window.h"

#include <algorithm>

namespace trapline::gateway::journal {

void FileWindow::attach(File& file, std::uint64_t end) {
  file_ = &file;
  end_ = end;
  begin_ = 0;
  size_bytes_ = 0;
}

base::Bytes FileWindow::at(std::uint64_t offset, std::size_t size) {
  if (offset >= end_) return {};
  size = static_cast<std::size_t>(std::min<std::uint64_t>(size, end_ - offset));
  if (!holds(offset, size)) load(offset, size);
  const std::size_t skipped = static_cast<std::size_t>(offset - begin_);
  if (skipped >= size_bytes_) return {};
  return {buffer_.get() + skipped, std::min(size, size_bytes_ - skipped)};
}

void FileWindow::load(std::uint64_t offset, std::size_t size) {
  size = static_cast<std::size_t>(
      std::min<std::uint64_t>(std::max(size, piece_bytes_), end_ - offset));
  if (size > capacity_bytes_) {
    capacity_bytes_ = std::max(size, piece_bytes_);
    buffer_ = std::make_unique_for_overwrite<std::byte[]>(capacity_bytes_);
  }
  begin_ = offset;
  const auto got = file_->read_at(offset, {buffer_.get(), size});
  size_bytes_ = got ? *got : 0;
  read_bytes_ += size_bytes_;
  if (reads_ != nullptr) reads_->fetch_add(1, std::memory_order_relaxed);
}

}  // namespace trapline::gateway::journal
