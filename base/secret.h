// A community or password in memory: compared in constant time, never printed, never in a core.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/bytes.h"
#include "base/undumped_buffer.h"

namespace trapline::base {

// Owns a secret text. Move-only; wiped when it dies. There is deliberately no operator<<, no str()
// and no comparison but `equals`. Immutable, so any thread may read it.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view text);

  // True when `candidate` is this secret. Time depends on the two lengths only.
  [[nodiscard]] bool equals(Bytes candidate) const;
  // The secret itself, for the one place that must put it on a wire. Views this object.
  [[nodiscard]] Bytes reveal() const { return memory_.bytes().first(size_bytes_); }

 private:
  UndumpedBuffer memory_;
  std::size_t size_bytes_ = 0;
};

}  // namespace trapline::base
