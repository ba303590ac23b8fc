#include "base/undumped_heap.h"

#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace trapline::base {
namespace {

// The flags of the mapping that `memory` lies in, as /proc/self/smaps shows them.
std::string flags_of(const void* memory) {
  std::ifstream maps("/proc/self/smaps");
  const auto address = reinterpret_cast<std::uintptr_t>(memory);
  bool inside = false;
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t from = 0, to = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &from, &to) == 2) {
      inside = address >= from && address < to;
    } else if (inside && line.starts_with("VmFlags:")) {
      return line;
    }
  }
  return {};
}

TEST(UndumpedHeap, GivesAlignedBlocksOfAnySizeOutsideCoreDumps) {
  std::vector<std::pair<unsigned char*, std::size_t>> blocks;
  for (std::size_t size = 1; size < 200'000; size = size * 3 / 2 + 1) {
    auto* const memory = static_cast<unsigned char*>(undumped_allocate(size));
    ASSERT_NE(memory, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory) % 16, 0U);
    EXPECT_NE(flags_of(memory).find(" dd"), std::string::npos) << size;
    std::memset(memory, static_cast<int>(size & 0xff), size);
    blocks.emplace_back(memory, size);
  }
  for (const auto& [memory, size] : blocks) {
    EXPECT_EQ(memory[0], size & 0xff);
    EXPECT_EQ(memory[size - 1], size & 0xff);
    undumped_free(memory);
  }
  undumped_free(nullptr);
  EXPECT_EQ(undumped_allocate(0), nullptr);
}

TEST(UndumpedHeap, GrowsABlockWithWhatItHolds) {
  auto* memory = static_cast<char*>(undumped_reallocate(nullptr, 5));
  std::memcpy(memory, "four", 5);
  for (const std::size_t size : {20UL, 500UL, 40'000UL, 100'000UL, 10UL}) {
    memory = static_cast<char*>(undumped_reallocate(memory, size));
    ASSERT_STREQ(memory, "four");
  }
  EXPECT_EQ(undumped_reallocate(memory, 0), nullptr);
}

TEST(UndumpedHeap, WipesWhatIsFreed) {
  auto* const memory = static_cast<char*>(undumped_allocate(100));
  std::memcpy(memory + 50, "a canary secret", 15);
  undumped_free(memory);
  auto* const again = static_cast<char*>(undumped_allocate(100));
  ASSERT_EQ(again, memory) << "the block last freed is the next one given";
  for (int i = 0; i < 100; ++i) EXPECT_EQ(again[i], 0) << i;
  undumped_free(again);
}

TEST(UndumpedHeap, IsSharedByThreads) {
  const auto work = [](unsigned char mark) {
    for (int i = 0; i < 20'000; ++i) {
      const std::size_t size = 1 + static_cast<std::size_t>(i) * 7 % 3'000;
      auto* const memory = static_cast<unsigned char*>(undumped_allocate(size));
      std::memset(memory, mark, size);
      EXPECT_EQ(memory[size / 2], mark);
      undumped_free(memory);
    }
  };
  std::thread other(work, static_cast<unsigned char>(1));
  work(2);
  other.join();
}

}  // namespace
}  // namespace trapline::base
