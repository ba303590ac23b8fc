// IPv4 and IPv6 addresses, endpoints and prefixes, as values without a socket API.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace trapline::base {

// An IPv4 or IPv6 address. IPv4 is kept as its IPv4-mapped IPv6 form, so that one comparison serves
// both; a mapped address received on an IPv6 socket therefore *is* the IPv4 address. Plain value.
class IpAddress {
 public:
  // The unspecified address (::); is_v4() is false, to_string() gives "::".
  IpAddress() = default;
  // From four octets in network order.
  [[nodiscard]] static IpAddress v4(std::array<std::uint8_t, 4> octets);
  // From sixteen octets in network order.
  [[nodiscard]] static IpAddress v6(std::array<std::uint8_t, 16> octets);
  // From text ("192.0.2.1", "2001:db8::1"); nothing when it is not an address.
  [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);

  // True for an IPv4 address, however it arrived.
  [[nodiscard]] bool is_v4() const;
  // All sixteen octets, mapped form for IPv4.
  [[nodiscard]] const std::array<std::uint8_t, 16>& octets() const { return octets_; }
  // The last four octets: the IPv4 address when is_v4().
  [[nodiscard]] std::array<std::uint8_t, 4> v4_octets() const;
  // Canonical text (RFC 5952 for IPv6). Writes into `out` (at least 46 octets) without allocating;
  // the result views `out`.
  [[nodiscard]] std::string_view format(std::span<char> out) const;
  [[nodiscard]] std::string to_string() const;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  std::array<std::uint8_t, 16> octets_{};
};

// An address and a UDP port.
struct Endpoint {
  IpAddress ip;
  std::uint16_t port = 0;

  // From "192.0.2.1:162" or "[2001:db8::1]:162"; nothing when it is neither.
  [[nodiscard]] static std::optional<Endpoint> parse(std::string_view text);
  // "192.0.2.1:162" or "[2001:db8::1]:162".
  [[nodiscard]] std::string to_string() const;

  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

// A CIDR prefix. A bare address is a prefix of full length.
struct IpPrefix {
  IpAddress network;
  std::uint8_t length_bits = 0;  // counted in the mapped form: 96 + n for an IPv4 prefix of n

  // From "10.0.0.0/8", "2001:db8::/32" or an address; nothing when malformed or with host bits set.
  [[nodiscard]] static std::optional<IpPrefix> parse(std::string_view text);
  [[nodiscard]] bool contains(const IpAddress& address) const;
  [[nodiscard]] std::string to_string() const;
};

}  // namespace trapline::base
