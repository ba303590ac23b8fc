#include "base/undumped_heap.h"

#include <string.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <mutex>
#include <new>

namespace trapline::base {
namespace {

constexpr std::size_t kLeastBlockBytes = 32;
constexpr std::size_t kLargestBlockBytes = 32'768;
constexpr std::size_t kChunkBytes = 256UL << 10;
constexpr std::size_t kClasses =
    std::bit_width(kLargestBlockBytes) - std::bit_width(kLeastBlockBytes) + 1;

// In front of what is handed out, which stays aligned for anything.
struct alignas(16) Header {
  std::size_t block_bytes;
};

// A free block, in place of its header.
struct FreeBlock {
  FreeBlock* next;
};

// The blocks of one size, which is a power of two. Never destroyed: libraries free at exit.
struct SizeClass {
  std::mutex mutex;
  FreeBlock* free = nullptr;
};
std::array<SizeClass, kClasses> classes;  // NOLINT: constant-initialised, trivially destroyed

SizeClass& class_of(std::size_t block_bytes) {
  const auto index = std::bit_width(block_bytes) - std::bit_width(kLeastBlockBytes);
  return classes[static_cast<std::size_t>(index)];
}

std::byte* map(std::size_t size_bytes) {
  void* const memory =
      mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  if (madvise(memory, size_bytes, MADV_DONTDUMP) != 0) {
    munmap(memory, size_bytes);
    return nullptr;
  }
  return static_cast<std::byte*>(memory);
}

// Cuts a new chunk into blocks. The class is locked.
void refill(SizeClass& blocks, std::size_t block_bytes) {
  std::byte* const chunk = map(kChunkBytes);
  if (chunk == nullptr) return;
  for (std::size_t at = 0; at < kChunkBytes; at += block_bytes) {
    blocks.free = new (chunk + at) FreeBlock{blocks.free};
  }
}

std::byte* take(std::size_t block_bytes) {
  if (block_bytes > kLargestBlockBytes) return map(block_bytes);
  SizeClass& blocks = class_of(block_bytes);
  const std::lock_guard lock(blocks.mutex);
  if (blocks.free == nullptr) refill(blocks, block_bytes);
  FreeBlock* const block = blocks.free;
  if (block != nullptr) blocks.free = block->next;
  return reinterpret_cast<std::byte*>(block);
}

Header* header_of(void* memory) {
  return reinterpret_cast<Header*>(static_cast<std::byte*>(memory) - sizeof(Header));
}

}  // namespace

void* undumped_allocate(std::size_t size_bytes) {
  if (size_bytes == 0 || size_bytes > SIZE_MAX / 4) return nullptr;
  const std::size_t wanted = std::max(size_bytes + sizeof(Header), kLeastBlockBytes);
  const std::size_t block_bytes = wanted > kLargestBlockBytes ? wanted : std::bit_ceil(wanted);
  std::byte* const block = take(block_bytes);
  if (block == nullptr) return nullptr;
  new (block) Header{block_bytes};
  return block + sizeof(Header);
}

void* undumped_reallocate(void* memory, std::size_t size_bytes) {
  if (memory == nullptr) return undumped_allocate(size_bytes);
  if (size_bytes == 0) {
    undumped_free(memory);
    return nullptr;
  }
  const std::size_t room = header_of(memory)->block_bytes - sizeof(Header);
  if (size_bytes <= room) return memory;
  void* const larger = undumped_allocate(size_bytes);
  if (larger == nullptr) return nullptr;
  memcpy(larger, memory, room);
  undumped_free(memory);
  return larger;
}

void undumped_free(void* memory) {
  if (memory == nullptr) return;
  Header* const header = header_of(memory);
  const std::size_t block_bytes = header->block_bytes;
  if (block_bytes > kLargestBlockBytes) {
    munmap(header, block_bytes);
    return;
  }
  explicit_bzero(memory, block_bytes - sizeof(Header));
  SizeClass& blocks = class_of(block_bytes);
  const std::lock_guard lock(blocks.mutex);
  blocks.free = new (header) FreeBlock{blocks.free};
}

}  // namespace trapline::base
