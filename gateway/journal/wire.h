// Numbers in the journal's octets: little-endian, at any alignment, and their checksum.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include <isa-l/crc.h>

#include "base/bytes.h"

namespace trapline::gateway::journal {

static_assert(std::endian::native == std::endian::little, "the format is little-endian");

// Reads a number at `at`, which has room for it.
template <class T>
[[nodiscard]] inline T load(const std::byte* at) {
  static_assert(std::is_trivially_copyable_v<T>);
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

// Writes a number at `at`, which has room for it.
template <class T>
inline void store(std::byte* at, T value) {
  static_assert(std::is_trivially_copyable_v<T>);
  std::memcpy(at, &value, sizeof value);
}

// CRC32C of `bytes`, continued from `seed`. Pure; hardware where the machine has it.
[[nodiscard]] inline std::uint32_t crc32c(base::Bytes bytes, std::uint32_t seed) {
  // The library takes a mutable pointer and only reads.
  auto* data = const_cast<unsigned char*>(reinterpret_cast<const unsigned char*>(bytes.data()));
  return crc32_iscsi(data, static_cast<int>(bytes.size()), seed);
}

// Rounds up to the alignment of everything in a segment.
[[nodiscard]] constexpr std::uint64_t aligned(std::uint64_t bytes) {
  return (bytes + 7) & ~std::uint64_t{7};
}

}  // namespace trapline::gateway::journal
