#include "base/random.h"

#include <sys/random.h>

#include <cstdlib>

namespace trapline::base {

std::uint64_t SystemRandom::next() {
  std::uint64_t value = 0;
  if (getrandom(&value, sizeof value, 0) != sizeof value) std::abort();
  return value;
}

}  // namespace trapline::base
