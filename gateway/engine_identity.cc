#include "gateway/engine_identity.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>

#include "gateway/durable_file.h"
#include "gateway/engine_id_text.h"
#include "gateway/journal/crash_point.h"

namespace trapline::gateway {
namespace {

using protocol::usm::LocalEngine;

// Enterprise 32473, which RFC 5612 sets aside for those who have none of their own, and the form
// "octets" (RFC 3411 §5).
constexpr std::array<std::uint8_t, 5> kEnginePrefix = {0x80, 0x00, 0x7e, 0xd9, 0x05};
constexpr std::size_t kRandomBytes = 7;
constexpr std::size_t kMaxFileBytes = 256;
constexpr std::chrono::sys_days kBootsBegin = std::chrono::year{2020} / 1 / 1;

struct Identity {
  std::vector<std::byte> id;
  std::int32_t boots = 0;
};

// "ENGINEID BOOTS\n"
std::optional<Identity> parse(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos || !text.ends_with('\n')) return std::nullopt;
  auto id = parse_engine_id(text.substr(0, space));
  const std::string_view number = text.substr(space + 1, text.size() - space - 2);
  Identity identity;
  const auto [end, error] =
      std::from_chars(number.data(), number.data() + number.size(), identity.boots);
  if (!id || error != std::errc{} || end != number.data() + number.size() || identity.boots < 0) {
    return std::nullopt;
  }
  identity.id = std::move(*id);
  return identity;
}

journal::FsResult<std::string> read_text(journal::Fs& fs, const std::string& path) {
  const auto file = fs.open(path, journal::OpenMode::read);
  if (!file) return file.error();
  std::array<std::byte, kMaxFileBytes> octets{};
  const auto size = (*file)->read_at(0, octets);
  if (!size) return size.error();
  return std::string(base::as_text(base::Bytes(octets).first(*size)));
}

std::vector<std::byte> made_up_id(base::Random& random) {
  const base::Bytes prefix = std::as_bytes(std::span(kEnginePrefix));
  std::vector<std::byte> id(prefix.begin(), prefix.end());
  id.reserve(prefix.size() + kRandomBytes);
  std::uint64_t chance = random.next();
  for (std::size_t i = 0; i < kRandomBytes; ++i, chance >>= 8) {
    id.push_back(static_cast<std::byte>(chance));
  }
  return id;
}

std::int32_t minutes_since_2020(const base::Clock& clock) {
  const auto minutes =
      std::chrono::duration_cast<std::chrono::minutes>(clock.wall() - kBootsBegin).count();
  return minutes > 0 && minutes < protocol::usm::kLastBoots ? static_cast<std::int32_t>(minutes)
                                                            : 0;
}

}  // namespace

base::Result<LocalEngine, std::string> load_engine_identity(
    journal::Fs& fs, const std::string& data_dir, const std::vector<std::byte>& configured,
    const base::Clock& clock, base::Random& random) {
  const std::string path = data_dir + "/engine";
  const auto text = read_text(fs, path);
  if (!text && text.error() != journal::FsError::not_found) {
    return "cannot read " + path + ": " + std::string(name_of(text.error())) +
           "; it holds the SNMP engineID and boots: check its owner and mode";
  }
  auto known = text ? parse(*text) : std::nullopt;
  if (text && !known && configured.empty()) {
    return path +
           " does not hold an SNMP engineID and boots: restore it, or set v3.engine.id "
           "(devices may have to learn the new engineID)";
  }
  if (known && !configured.empty() && known->id != configured) known.reset();
  Identity identity = known ? *known : Identity{configured, minutes_since_2020(clock)};
  if (identity.id.empty()) identity = {made_up_id(random), 0};
  // Another gateway may have been this engine meanwhile.
  if (!configured.empty()) identity.boots = std::max(identity.boots, minutes_since_2020(clock));
  if (identity.boots >= protocol::usm::kLastBoots - 1) {
    return "the boots of engine " + engine_id_text(identity.id) +
           " are used up (RFC 3414 §2.2.1): set another v3.engine.id";
  }
  ++identity.boots;
  const std::string line =
      engine_id_text(identity.id) + " " + std::to_string(identity.boots) + "\n";
  const base::Bytes piece = base::as_bytes(line);
  const auto written = replace_file(fs, data_dir, "engine", std::span(&piece, 1),
                                    [] { TRAPLINE_CRASH_POINT("boots-before-sync"); });
  if (!written) {
    return "cannot write " + path + ": " + std::string(name_of(written.error())) +
           "; SNMPv3 needs its boots on disk before it answers: make data_dir writable";
  }
  return LocalEngine{std::move(identity.id), identity.boots, clock.boot()};
}

}  // namespace trapline::gateway
