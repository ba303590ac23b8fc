// Memory that never reaches a core file: receive buffers, Responses and secrets live here.
#pragma once

#include <cstddef>

#include "base/bytes.h"

namespace trapline::base {

// A fixed run of zeroed, page-aligned octets outside core dumps (MADV_DONTDUMP). Move-only. Wiped
// when the buffer dies. Aborts when the kernel has no memory left. Not synchronised.
class UndumpedBuffer {
 public:
  UndumpedBuffer() = default;
  explicit UndumpedBuffer(std::size_t size_bytes);
  UndumpedBuffer(UndumpedBuffer&& other) noexcept;
  UndumpedBuffer& operator=(UndumpedBuffer&& other) noexcept;
  ~UndumpedBuffer();

  // All of it; valid as long as this object is neither moved from nor destroyed.
  [[nodiscard]] MutableBytes bytes() const { return {data_, size_bytes_}; }
  [[nodiscard]] std::size_t size_bytes() const { return size_bytes_; }

 private:
  void release();

  std::byte* data_ = nullptr;
  std::size_t size_bytes_ = 0;
};

}  // namespace trapline::base
