// A heap that never reaches a core file, for libraries that keep keys on theirs.
#pragma once

#include <cstddef>

namespace trapline::base {

// As malloc, realloc and free, from memory outside core dumps (MADV_DONTDUMP). What is freed is
// wiped. Any thread. Memory once taken from the kernel is kept for reuse, but for blocks over 32
// KiB, which go back. Null when there is none left, or for no octets.
[[nodiscard]] void* undumped_allocate(std::size_t size_bytes);
[[nodiscard]] void* undumped_reallocate(void* memory, std::size_t size_bytes);
void undumped_free(void* memory);

}  // namespace trapline::base
