// Freed memory without its content: nothing of a configuration's secrets may stay in the heap.
#pragma once

namespace trapline::gateway {

// While one of these lives, what this thread frees through `operator delete` is overwritten first,
// other people's code included; when the outermost ends, so is the stack below it. Nests. For
// loading the configuration: yaml-cpp, std::string and std::vector leave copies of every text
// behind. Does nothing under AddressSanitizer and ThreadSanitizer, which own the allocator.
class ScrubbedScope {
 public:
  ScrubbedScope();
  ScrubbedScope(const ScrubbedScope&) = delete;
  ScrubbedScope& operator=(const ScrubbedScope&) = delete;
  ~ScrubbedScope();
};

}  // namespace trapline::gateway
