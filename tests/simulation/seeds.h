// Which seeds a simulation runs: TRAPLINE_SEEDS=N the first N, TRAPLINE_SEED=N that one.
#pragma once

#include <cstdint>
#include <cstdlib>

namespace trapline::simulation {

// From `first` to `last`. Plain value.
struct Seeds {
  std::uint64_t first = 1;
  std::uint64_t last = 0;
  // Whether these are all that a test promises something of.
  [[nodiscard]] bool many() const { return first != last; }
};

// As the environment says, else `count` of them.
[[nodiscard]] inline Seeds seeds(std::uint64_t count) {
  const auto number = [](const char* name, std::uint64_t otherwise) {
    const char* const text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
  };
  const std::uint64_t only = number("TRAPLINE_SEED", 0);
  return only != 0 ? Seeds{only, only} : Seeds{1, number("TRAPLINE_SEEDS", count)};
}

}  // namespace trapline::simulation
