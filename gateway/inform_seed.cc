#include "gateway/inform_seed.h"

#include <array>
#include <cstring>

#include "gateway/durable_file.h"

namespace trapline::gateway {
namespace {

using Octets = std::array<std::byte, sizeof(std::uint64_t)>;

}  // namespace

std::uint64_t load_inform_seed(journal::Fs& fs, const std::string& data_dir, base::Random& random) {
  Octets octets{};
  if (const auto file = fs.open(data_dir + "/inform_seed", journal::OpenMode::read); file) {
    const auto size = (*file)->read_at(0, octets);
    if (size && *size == octets.size()) {
      std::uint64_t seed = 0;
      std::memcpy(&seed, octets.data(), octets.size());
      return seed;
    }
  }
  const std::uint64_t seed = random.next();
  std::memcpy(octets.data(), &seed, octets.size());
  const base::Bytes piece(octets);
  (void)replace_file(fs, data_dir, "inform_seed", std::span(&piece, 1));
  return seed;
}

}  // namespace trapline::gateway
