#include "protocol/usm/key_memory.h"

#include <cstdint>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <openssl/crypto.h>

namespace trapline::protocol::usm {
namespace {

// True when the mapping that `memory` lies in is left out of core dumps.
[[maybe_unused]] bool is_undumped(const void* memory) {
  std::ifstream maps("/proc/self/smaps");
  const auto address = reinterpret_cast<std::uintptr_t>(memory);
  bool inside = false;
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t from = 0, to = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &from, &to) == 2) {
      inside = address >= from && address < to;
    } else if (inside && line.starts_with("VmFlags:")) {
      return line.find(" dd") != std::string::npos;
    }
  }
  return false;
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// In a process of its own: in this one OpenSSL has been used.
TEST(KeyMemoryDeathTest, WhatOpenSslAllocatesIsLeftOutOfCoreDumps) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        keep_keys_out_of_dumps();
        std::exit(is_undumped(OPENSSL_malloc(300)) ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}
#endif

}  // namespace
}  // namespace trapline::protocol::usm
