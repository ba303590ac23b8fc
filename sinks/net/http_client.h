// One connection to an HTTP(S) server, for requests whose length of time is bounded.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "sinks/net/sender.h"
#include "sinks/net/tls_options.h"

namespace trapline::sinks {

// A request without its method and path. Views nothing.
struct HttpRequest {
  std::string body;
  std::string content_type;
  std::vector<std::pair<std::string, std::string>> headers;
};

// What came back. Without an answer `status` is 0 and `error` says why, in words that name the host
// and never the path, which may be a secret.
struct HttpAnswer {
  int status = 0;
  std::optional<std::chrono::seconds> retry_after;  // when given in seconds
  std::string body;                                 // its first kMostAnswerBytes
  std::string error;
};

inline constexpr std::size_t kMostAnswerBytes = 4'096;

// A connection, kept open between requests. One thread posts; `stop` is for any.
class HttpConnection {
 public:
  virtual ~HttpConnection() = default;
  // Sends the request, by the target's method, and waits for the answer, at most as long as its
  // maker was told.
  virtual HttpAnswer post(const HttpRequest& request) = 0;
  // Ends the `post` under way, which then fails.
  virtual void stop() = 0;
};

// Where and how. Plain value; the URL is a secret because hooks carry their password in it.
struct HttpTarget {
  std::string scheme_host_port;  // "https://hooks.example.net:443"
  base::Secret path;             // "/services/T0/B0/xyz?key=value"
  std::string method = "POST";
  TlsOptions tls;
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds timeout{10'000};  // of a request as a whole
};

// Takes an http or https URL apart; nothing when it is not one, or holds a user name, a fragment or
// an octet that has no place in a URL.
[[nodiscard]] std::optional<HttpTarget> parse_http_url(std::string_view url);

// How a bare connection to it is made, for a probe.
[[nodiscard]] std::optional<SenderTarget> sender_target_of(const HttpTarget& target);

// Makes connections to `target`, which must outlive them. The server's certificate is verified,
// redirects are not followed, an answer is read as far as kMostAnswerBytes. No network is touched
// before the first request. The process must ignore SIGPIPE: OpenSSL's writes can raise it.
[[nodiscard]] std::unique_ptr<HttpConnection> make_http_connection(const HttpTarget& target);

using HttpConnector = std::function<std::unique_ptr<HttpConnection>()>;

}  // namespace trapline::sinks
