#include "gateway/inform_seed.h"

#include <array>
#include <cstring>

namespace trapline::gateway {
namespace {

using Octets = std::array<std::byte, sizeof(std::uint64_t)>;

bool keep(journal::Fs& fs, const std::string& data_dir, const Octets& octets) {
  const std::string path = data_dir + "/inform_seed";
  const std::string fresh = path + ".new";
  (void)fs.unlink(fresh);
  {
    const auto file = fs.open(fresh, journal::OpenMode::create_exclusive);
    if (!file) return false;
    const base::Bytes piece(octets);
    if (!(*file)->write_at(0, std::span(&piece, 1)) || !(*file)->sync()) return false;
  }
  return fs.rename(fresh, path) && fs.sync_directory(data_dir);
}

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
  (void)keep(fs, data_dir, octets);
  return seed;
}

}  // namespace trapline::gateway
