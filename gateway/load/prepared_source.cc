#include "gateway/load/prepared_source.h"

#include "base/bytes.h"

namespace trapline::gateway::load {

PreparedSource::PreparedSource(MessageSource& live, std::size_t count) : live_(live), begins_{0} {
  begins_.reserve(count + 1);
  std::vector<std::byte> message;
  for (std::uint32_t sequence = 0; sequence < count; ++sequence) {
    live.write(trap_identity(sequence, 0), message);
    if (sequence == 0) octets_.reserve(count * (message.size() + 1));
    octets_.insert(octets_.end(), message.begin(), message.end());
    begins_.push_back(octets_.size());
  }
}

void PreparedSource::write(const Identity& identity, std::vector<std::byte>& out) {
  const std::size_t index = identity.sequence;
  if (identity.source != 0 || index + 1 >= begins_.size()) return live_.write(identity, out);
  const auto begin = octets_.begin();
  out.assign(begin + static_cast<std::ptrdiff_t>(begins_[index]),
             begin + static_cast<std::ptrdiff_t>(begins_[index + 1]));
}

}  // namespace trapline::gateway::load
