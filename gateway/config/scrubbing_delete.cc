#include "gateway/config/scrubbing_delete.h"

#include <malloc.h>
#include <string.h>

#include <cstddef>
#include <cstdlib>
#include <new>

namespace trapline::gateway {
namespace {

constinit thread_local unsigned scopes = 0;

// Loading uses a fraction of this: nesting is bounded and nothing recurses.
constexpr std::size_t kWipedStackBytes = std::size_t{256} << 10;

[[gnu::noinline]] void wipe_stack_below() {
  std::byte below[kWipedStackBytes];
  explicit_bzero(below, sizeof below);
}

// Vector registers keep what the last copies moved, until somebody who saves them puts it on the
// stack: so they move zeros, by every way a copy has for a size.
[[gnu::noinline]] void wipe_registers() {
  void* (*volatile copy)(void*, const void*, std::size_t) = &::memcpy;
  constexpr std::size_t kLongest = 1'024;
  static constexpr std::byte kZeros[kLongest]{};
  std::byte copied[kLongest];
  for (std::size_t size = 8; size <= kLongest; size += size / 2) copy(copied, kZeros, size);
}

}  // namespace

ScrubbedScope::ScrubbedScope() { ++scopes; }

ScrubbedScope::~ScrubbedScope() {
  if (--scopes != 0) return;
  wipe_registers();
  wipe_stack_below();
}

}  // namespace trapline::gateway

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TRAPLINE_SANITIZED 1
#endif
#endif
#ifndef TRAPLINE_SANITIZED

namespace {

void free_scrubbed(void* memory) noexcept {
  if (trapline::gateway::scopes != 0 && memory != nullptr) {
    explicit_bzero(memory, malloc_usable_size(memory));
  }
  std::free(memory);
}

}  // namespace

// Replacements of the global functions (C++ [new.delete]); `operator new` stays malloc's.
void operator delete(void* memory) noexcept { free_scrubbed(memory); }
void operator delete[](void* memory) noexcept { free_scrubbed(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { free_scrubbed(memory); }
void operator delete[](void* memory, std::size_t /*size*/) noexcept { free_scrubbed(memory); }

#endif
#endif
