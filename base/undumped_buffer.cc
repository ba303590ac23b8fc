#include "base/undumped_buffer.h"

#include <sys/mman.h>

#include <cstdlib>
#include <utility>

namespace trapline::base {

UndumpedBuffer::UndumpedBuffer(std::size_t size_bytes) : size_bytes_(size_bytes) {
  if (size_bytes == 0) return;
  void* memory =
      mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) std::abort();
  if (madvise(memory, size_bytes, MADV_DONTDUMP) != 0) std::abort();
  data_ = static_cast<std::byte*>(memory);
}

UndumpedBuffer::UndumpedBuffer(UndumpedBuffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_bytes_(std::exchange(other.size_bytes_, 0)) {}

UndumpedBuffer& UndumpedBuffer::operator=(UndumpedBuffer&& other) noexcept {
  if (this == &other) return *this;
  release();
  data_ = std::exchange(other.data_, nullptr);
  size_bytes_ = std::exchange(other.size_bytes_, 0);
  return *this;
}

UndumpedBuffer::~UndumpedBuffer() { release(); }

void UndumpedBuffer::release() {
  if (data_ == nullptr) return;
  // The kernel wipes what it takes back before anybody else sees it.
  munmap(data_, size_bytes_);
}

}  // namespace trapline::base
