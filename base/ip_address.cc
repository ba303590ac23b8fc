#include "base/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace trapline::base {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned kMappedBits = 96;

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Bit `index` of the address, 0 being the most significant.
bool bit(const IpAddress& address, unsigned index) {
  return ((address.octets()[index / 8] >> (7 - index % 8)) & 1) != 0;
}

}  // namespace

IpAddress IpAddress::v4(std::array<std::uint8_t, 4> octets) {
  IpAddress address;
  std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), address.octets_.begin());
  std::copy(octets.begin(), octets.end(), address.octets_.begin() + kMappedPrefix.size());
  return address;
}

IpAddress IpAddress::v6(std::array<std::uint8_t, 16> octets) {
  IpAddress address;
  address.octets_ = octets;
  return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.size() >= terminated.size()) return std::nullopt;
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  std::copy(text.begin(), text.end(), terminated.begin());
  std::array<std::uint8_t, 4> four{};
  if (inet_pton(AF_INET, terminated.data(), four.data()) == 1) return v4(four);
  std::array<std::uint8_t, 16> sixteen{};
  if (inet_pton(AF_INET6, terminated.data(), sixteen.data()) == 1) return v6(sixteen);
  return std::nullopt;
}

bool IpAddress::is_v4() const {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), octets_.begin());
}

std::array<std::uint8_t, 4> IpAddress::v4_octets() const {
  std::array<std::uint8_t, 4> four{};
  std::copy(octets_.begin() + kMappedPrefix.size(), octets_.end(), four.begin());
  return four;
}

std::string_view IpAddress::format(std::span<char> out) const {
  if (!is_v4()) {
    const char* text =
        inet_ntop(AF_INET6, octets_.data(), out.data(), static_cast<socklen_t>(out.size()));
    return text == nullptr ? std::string_view{} : std::string_view{text};
  }
  char* end = out.data();
  for (const std::uint8_t octet : v4_octets()) {
    if (end != out.data()) *end++ = '.';
    end = std::to_chars(end, out.data() + out.size(), octet).ptr;
  }
  return {out.data(), static_cast<std::size_t>(end - out.data())};
}

std::string IpAddress::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> out{};
  return std::string(format(out));
}

std::optional<Endpoint> Endpoint::parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto ip = IpAddress::parse(host);
  const auto port = parse_number<std::uint16_t>(text.substr(colon + 1));
  if (!ip || !port || (host.find(':') != std::string_view::npos) != bracketed) return std::nullopt;
  return Endpoint{*ip, *port};
}

std::string Endpoint::to_string() const {
  const std::string host = ip.to_string();
  return (ip.is_v4() ? host : "[" + host + "]") + ":" + std::to_string(port);
}

std::optional<IpPrefix> IpPrefix::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto network = IpAddress::parse(text.substr(0, slash));
  if (!network) return std::nullopt;
  const unsigned skipped = network->is_v4() ? kMappedBits : 0;
  unsigned length = 128 - skipped;
  if (slash != std::string_view::npos) {
    const auto given = parse_number<unsigned>(text.substr(slash + 1));
    if (!given || *given > length) return std::nullopt;
    length = *given;
  }
  length += skipped;
  for (unsigned i = length; i < 128; ++i) {
    if (bit(*network, i)) return std::nullopt;
  }
  return IpPrefix{*network, static_cast<std::uint8_t>(length)};
}

bool IpPrefix::contains(const IpAddress& address) const {
  const std::size_t whole = length_bits / 8U;
  if (std::memcmp(network.octets().data(), address.octets().data(), whole) != 0) return false;
  for (unsigned i = static_cast<unsigned>(whole) * 8; i < length_bits; ++i) {
    if (bit(network, i) != bit(address, i)) return false;
  }
  return true;
}

std::string IpPrefix::to_string() const {
  const unsigned skipped = network.is_v4() ? kMappedBits : 0;
  return network.to_string() + "/" + std::to_string(length_bits - skipped);
}

}  // namespace trapline::base
