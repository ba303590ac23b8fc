#include "base/secret.h"

#include <cstring>

namespace trapline::base {

Secret::Secret(std::string_view text) : memory_(text.size()), size_bytes_(text.size()) {
  if (!text.empty()) std::memcpy(memory_.bytes().data(), text.data(), text.size());
}

bool Secret::equals(Bytes candidate) const {
  const Bytes own = reveal();
  auto difference = static_cast<unsigned>(own.size() != candidate.size());
  for (std::size_t i = 0; i < candidate.size(); ++i) {
    const std::byte expected = own.empty() ? std::byte{0} : own[i % own.size()];
    difference |= std::to_integer<unsigned>(expected ^ candidate[i]);
  }
  return difference == 0;
}

}  // namespace trapline::base
