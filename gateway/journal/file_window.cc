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
  const auto piece = static_cast<std::size_t>(
      std::min<std::uint64_t>(std::max(size, piece_bytes_), end_ - offset));
  if (piece > capacity_bytes_) {
    capacity_bytes_ = std::max(piece, piece_bytes_);
    buffer_ = std::make_unique_for_overwrite<std::byte[]>(capacity_bytes_);
  }
  begin_ = offset;
  // Of a piece with a bad sector in it, what is asked for may still be readable.
  if (!read(piece) && (size == piece || !read(size))) failed_ = true;
}

bool FileWindow::read(std::size_t size) {
  const auto got = file_->read_at(begin_, {buffer_.get(), size});
  size_bytes_ = got ? *got : 0;
  read_bytes_ += size_bytes_;
  if (reads_ != nullptr) reads_->fetch_add(1, std::memory_order_relaxed);
  return bool{got};
}

}  // namespace trapline::gateway::journal
