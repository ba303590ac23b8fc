// The running gateway's own HTTP: answers about its state on a Unix socket in the data directory.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/result.h"

namespace boost::asio {
class io_context;
}

namespace trapline::gateway {

// What a route answers.
struct ControlAnswer {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
};

// Path ("/status") to the function that answers a GET of it, on the io thread; it must not block.
using ControlRoutes = std::map<std::string, std::function<ControlAnswer()>, std::less<>>;

// Path to the function that carries out a POST to it, given the body; as for ControlRoutes.
using ControlActions =
    std::map<std::string, std::function<ControlAnswer(const std::string& body)>, std::less<>>;

// What a stranger on the socket may use up.
struct ControlLimits {
  std::uint32_t header_bytes = 16 * 1024;
  std::uint32_t body_bytes = 64 * 1024;
  std::size_t connections = 64;  // one more is told 503 and closed
  std::chrono::milliseconds read{5'000};
  std::chrono::milliseconds write{5'000};
};

// Serves from construction to destruction, one request per connection: GET, HEAD and POST. All
// members and the routes run on the thread that runs the io_context. The io_context must outlive
// it.
class ControlServer {
 public:
  // Binds `path` (mode 0600) and begins to accept on `io`. A socket that nobody listens on any more
  // is replaced. Failing, says why and what to do.
  [[nodiscard]] static base::Result<std::unique_ptr<ControlServer>, std::string> open(
      boost::asio::io_context& io, const std::string& path, ControlRoutes routes,
      const ControlLimits& limits = {}, ControlActions actions = {});
  // Closes the socket and every connection, and removes the socket's file.
  virtual ~ControlServer() = default;

  // Connections that came while `limits.connections` were open.
  [[nodiscard]] virtual std::uint64_t turned_away() const = 0;
};

}  // namespace trapline::gateway
