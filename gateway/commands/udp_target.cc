#include "gateway/commands/udp_target.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <utility>

namespace trapline::gateway {
namespace {

base::Endpoint endpoint_of(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    std::array<std::uint8_t, 4> octets{};
    std::memcpy(octets.data(), &v4.sin_addr, octets.size());
    return {base::IpAddress::v4(octets), ntohs(v4.sin_port)};
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &address, sizeof v6);
  std::array<std::uint8_t, 16> octets{};
  std::memcpy(octets.data(), &v6.sin6_addr, octets.size());
  return {base::IpAddress::v6(octets), ntohs(v6.sin6_port)};
}

using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

AddressList look_up(const UdpTarget& target, int& error) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  error = getaddrinfo(target.host.c_str(), std::to_string(target.port).c_str(), &hints, &found);
  return {found, &freeaddrinfo};
}

}  // namespace

base::Result<UdpTarget, std::string> parse_udp_target(std::string_view text,
                                                      std::uint16_t default_port) {
  const std::string problem =
      "`" + std::string(text) + "` is not a target: write HOST, HOST:PORT or [IPV6]:PORT";
  UdpTarget target;
  target.port = default_port;
  std::string_view host = text;
  std::string_view port;
  const std::size_t bracket = text.rfind(']');
  if (text.starts_with('[') && bracket != std::string_view::npos) {
    host = text.substr(1, bracket - 1);
    port = text.substr(bracket + 1);
  } else if (text.find(':') == text.rfind(':') && text.find(':') != std::string_view::npos) {
    host = text.substr(0, text.find(':'));
    port = text.substr(text.find(':'));
  }
  if (host.empty()) return {boost::system::in_place_error, problem};
  target.host = host;
  if (port.empty()) return target;
  const char* end = port.data() + port.size();
  const auto [stopped, error] = std::from_chars(port.data() + 1, end, target.port);
  const bool good = error == std::errc{} && stopped == end && port.front() == ':';
  if (!good || target.port == 0) return {boost::system::in_place_error, problem};
  return target;
}

base::Result<base::Endpoint, std::string> find_endpoint(const UdpTarget& target) {
  int error = 0;
  const AddressList found = look_up(target, error);
  if (error != 0) return "cannot find the host " + target.host + ": " + gai_strerror(error);
  sockaddr_storage address{};
  std::memcpy(&address, found->ai_addr, found->ai_addrlen);
  return endpoint_of(address);
}

base::Result<ConnectedUdpSocket, std::string> ConnectedUdpSocket::open(const UdpTarget& target) {
  int lookup_error = 0;
  const AddressList found = look_up(target, lookup_error);
  if (lookup_error != 0) {
    return "cannot find the host " + target.host + ": " + gai_strerror(lookup_error);
  }
  int error = 0;
  for (const addrinfo* one = found.get(); one != nullptr; one = one->ai_next) {
    const int descriptor = ::socket(one->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_storage local{};
    sockaddr_storage peer{};
    socklen_t local_size = sizeof local;
    socklen_t peer_size = sizeof peer;
    if (descriptor >= 0 && ::connect(descriptor, one->ai_addr, one->ai_addrlen) == 0 &&
        ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&local), &local_size) == 0 &&
        ::getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &peer_size) == 0) {
      return ConnectedUdpSocket(descriptor, endpoint_of(peer), endpoint_of(local));
    }
    error = errno;
    if (descriptor >= 0) ::close(descriptor);
  }
  return "cannot reach " + target.host + ": " + std::strerror(error);
}

ConnectedUdpSocket::ConnectedUdpSocket(ConnectedUdpSocket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), peer_(other.peer_), local_(other.local_) {}

ConnectedUdpSocket::~ConnectedUdpSocket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace trapline::gateway
