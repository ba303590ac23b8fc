#include "protocol/usm/key_memory.h"

#include <cstdlib>

#include <openssl/crypto.h>

#include "base/undumped_heap.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TRAPLINE_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TRAPLINE_SANITIZED 1
#endif
#endif

namespace trapline::protocol::usm {
namespace {

// OpenSSL also tells which of its lines asks.
[[maybe_unused]] void* allocate(std::size_t size_bytes, const char*, int) {
  return base::undumped_allocate(size_bytes);
}
[[maybe_unused]] void* reallocate(void* memory, std::size_t size_bytes, const char*, int) {
  return base::undumped_reallocate(memory, size_bytes);
}
[[maybe_unused]] void release(void* memory, const char*, int) { base::undumped_free(memory); }

}  // namespace

void keep_keys_out_of_dumps() {
#ifndef TRAPLINE_SANITIZED
  if (CRYPTO_set_mem_functions(allocate, reallocate, release) != 1) std::abort();
#endif
}

}  // namespace trapline::protocol::usm
