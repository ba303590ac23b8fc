// libFuzzer: expressions and templates, compiled and evaluated.

#include "tests/fuzz/expression_invariants.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static trapline::fuzz::ExpressionWorld world;
  world.check({reinterpret_cast<const char*>(data), size});
  return 0;
}
