#include "gateway/sender_engine.h"

#include <unistd.h>

#include <array>
#include <cstdint>
#include <fstream>
#include <string>

namespace trapline::gateway {
namespace {

// Enterprise 32473 (RFC 5612), form "octets" (RFC 3411 §5), as the gateway's own.
constexpr std::array<std::uint8_t, 5> kEnginePrefix = {0x80, 0x00, 0x7e, 0xd9, 0x05};
constexpr std::chrono::sys_days kBootsBegin = std::chrono::year{2020} / 1 / 1;

// FNV-1a: 64 bits that do not tell the machine's identity.
std::uint64_t digest_of(const std::string& text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  }
  return hash;
}

std::vector<std::byte> machine_engine_id() {
  std::array<char, 256> host{};
  (void)gethostname(host.data(), host.size() - 1);
  std::string machine;
  std::ifstream("/etc/machine-id") >> machine;
  std::vector<std::byte> id;
  for (const std::uint8_t octet : kEnginePrefix) id.push_back(std::byte{octet});
  std::uint64_t digest = digest_of(machine + "/" + host.data());
  for (std::size_t i = 0; i < sizeof digest; ++i, digest >>= 8) {
    id.push_back(static_cast<std::byte>(digest));
  }
  return id;
}

}  // namespace

protocol::usm::LocalEngine sender_engine(const base::Clock& clock, std::vector<std::byte> id) {
  const auto since = clock.wall() - kBootsBegin;
  const auto minutes = std::chrono::floor<std::chrono::minutes>(since);
  protocol::usm::LocalEngine engine;
  engine.id = id.empty() ? machine_engine_id() : std::move(id);
  engine.boots = static_cast<std::int32_t>(minutes.count());
  engine.started = clock.boot() - (since - minutes);
  return engine;
}

}  // namespace trapline::gateway
