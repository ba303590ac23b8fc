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

}  // namespace

ScrubbedScope::ScrubbedScope() { ++scopes; }

ScrubbedScope::~ScrubbedScope() {
  if (--scopes == 0) wipe_stack_below();
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
