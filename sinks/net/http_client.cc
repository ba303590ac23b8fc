#include "sinks/net/http_client.h"

#include <httplib.h>
#include <netdb.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "sinks/net/tls_sender.h"

namespace trapline::sinks {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

// While a request that is out of time has not ended, it is told again this often: a connection that
// is only being made cannot be told.
constexpr std::chrono::milliseconds kTellAgain{100};

// Only whole seconds; the other form of Retry-After, a date, is not worth a calendar.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view text) {
  std::uint32_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return std::chrono::seconds(seconds);
}

std::string_view words_of(httplib::Error error) {
  switch (error) {
    case httplib::Error::Connection: return "cannot connect";
    case httplib::Error::ConnectionTimeout: return "connecting timed out";
    case httplib::Error::Read: return "no answer, or not all of it";
    case httplib::Error::Write: return "the connection broke while sending";
    case httplib::Error::SSLConnection: return "the TLS handshake failed";
    case httplib::Error::SSLLoadingCerts: return "the CA certificates cannot be loaded";
    case httplib::Error::SSLServerVerification:
      return "the server's certificate is not trusted, not valid now, or for another name";
    default: return "the request failed";
  }
}

bool called_by_another_name(const HttpTarget& target) {
  return !target.tls.server_name.empty() && target.scheme_host_port.starts_with("https://");
}

// ":8443"
std::string port_of(const HttpTarget& target) {
  const auto where = sender_target_of(target);
  return ":" + std::to_string(where ? where->port : 443);
}

// The first address of a host; one that leads nowhere when it has none, so that connecting fails.
std::string address_of(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  std::array<char, NI_MAXHOST> text{"0.0.0.0"};
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return text.data();
  ::getnameinfo(found->ai_addr, found->ai_addrlen, text.data(), text.size(), nullptr, 0,
                NI_NUMERICHOST);
  ::freeaddrinfo(found);
  return text.data();
}

class Connection final : public HttpConnection {
 public:
  explicit Connection(const HttpTarget& target)
      : target_(target),
        path_(base::as_text(target.path.reveal())),
        certificate_problem_(client_certificate_problem(target.tls)),
        client_(make_client(target, !certificate_problem_)),
        watchdog_([this](const std::stop_token& end) { watch(end); }) {}

  HttpAnswer post(const HttpRequest& request) override {
    HttpAnswer answer;
    if (certificate_problem_) {
      answer.error = target_.scheme_host_port + ": " + *certificate_problem_;
      return answer;
    }
    set_deadline(std::chrono::steady_clock::now() + target_.timeout);
    httplib::Request out;
    out.method = target_.method;
    out.path = path_;
    out.body = request.body;
    out.set_header("Content-Type", request.content_type);
    out.set_header("Accept-Encoding", "identity");
    for (const auto& [name, value] : request.headers) out.set_header(name, value);
    if (called_by_another_name(target_)) go_by_that_name(out);
    out.response_handler = [&answer](const httplib::Response& response) {
      answer.status = response.status;
      answer.retry_after = parse_retry_after(response.get_header_value("Retry-After"));
      return true;
    };
    out.content_receiver = [&answer](const char* data, std::size_t size, std::uint64_t,
                                     std::uint64_t) {
      answer.body.append(data, std::min(size, kMostAnswerBytes - answer.body.size()));
      return answer.body.size() < kMostAnswerBytes;
    };
    const httplib::Result result = client_.send(out);
    const bool late = end_deadline();
    // A body that is too long is left unread; its status counts.
    if (!result && result.error() != httplib::Error::Canceled) fail(answer, result.error(), late);
    return answer;
  }

  void stop() override {
    set_deadline({});
    client_.stop();
  }

 private:
  // The library would ask the terminal for the passphrase of a key: it gets only one that has none.
  static httplib::Client make_client(const HttpTarget& target, bool with_certificate) {
    httplib::Client client(called_by_another_name(target)
                               ? "https://" + target.tls.server_name + port_of(target)
                               : target.scheme_host_port,
                           with_certificate ? target.tls.cert_path : std::string(),
                           with_certificate ? target.tls.key_path : std::string());
    client.set_connection_timeout(target.connect_timeout);
    client.set_read_timeout(target.timeout);
    client.set_write_timeout(target.timeout);
    client.set_keep_alive(true);
    client.set_tcp_nodelay(true);
    client.set_follow_location(false);
    client.set_decompress(false);
    if (target.scheme_host_port.starts_with("https")) {
      client.enable_server_certificate_verification(true);
      if (!target.tls.ca_path.empty()) client.set_ca_cert_path(target.tls.ca_path);
    }
    return client;
  }

  // The library verifies what it calls: so it calls `server_name`, is told that this is the
  // address of the real host, and says the real host to the server.
  void go_by_that_name(httplib::Request& out) {
    const auto where = sender_target_of(target_);
    out.set_header("Host", target_.scheme_host_port.substr(std::string_view("https://").size()));
    if (client_.is_socket_open() != 0 || !where) return;
    client_.set_hostname_addr_map({{target_.tls.server_name, address_of(where->host)}});
  }

  void fail(HttpAnswer& answer, httplib::Error error, bool late) const {
    answer.status = 0;
    answer.error = target_.scheme_host_port + ": " +
                   (late ? "no answer within " + std::to_string(target_.timeout.count()) + " ms"
                         : std::string(words_of(error)));
  }

  void set_deadline(SteadyTime deadline) {
    const std::lock_guard lock(mutex_);
    deadline_ = deadline;
    changed_.notify_all();
  }
  // True when the deadline had come.
  bool end_deadline() {
    const std::lock_guard lock(mutex_);
    const bool late = deadline_ && std::chrono::steady_clock::now() >= *deadline_;
    deadline_.reset();
    return late;
  }

  // Timeouts of the library are per read: a server that sends an octet now and then would hold a
  // request for ever.
  void watch(const std::stop_token& end) {
    std::unique_lock lock(mutex_);
    while (!end.stop_requested()) {
      if (!deadline_) {
        changed_.wait(lock, end, [this] { return deadline_.has_value(); });
      } else if (std::chrono::steady_clock::now() < *deadline_) {
        const SteadyTime until = *deadline_;
        changed_.wait_until(lock, end, until, [&] { return deadline_ != until; });
      } else {
        lock.unlock();
        client_.stop();
        lock.lock();
        changed_.wait_for(lock, end, kTellAgain, [this] { return !deadline_; });
      }
    }
  }

  const HttpTarget& target_;
  const std::string path_;
  const std::optional<std::string> certificate_problem_;
  httplib::Client client_;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::optional<SteadyTime> deadline_;  // of the request under way; guarded by mutex_
  std::jthread watchdog_;               // last: it uses everything above
};

}  // namespace

std::optional<HttpTarget> parse_http_url(std::string_view url) {
  const bool clean = std::ranges::all_of(url, [](char c) { return c > 0x20 && c < 0x7f; });
  const std::size_t host = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : 0;
  if (!clean || host == 0 || url.find('#') != std::string_view::npos) return std::nullopt;
  const std::size_t end = std::min(url.find_first_of("/?", host), url.size());
  const std::string_view authority = url.substr(host, end - host);
  if (authority.empty() || authority.find('@') != std::string_view::npos) return std::nullopt;
  HttpTarget target;
  target.scheme_host_port = url.substr(0, end);
  std::string path(url.substr(end));
  if (!path.starts_with('/')) path.insert(0, "/");
  target.path = base::Secret(path);
  return target;
}

std::optional<SenderTarget> sender_target_of(const HttpTarget& target) {
  const std::string_view text = target.scheme_host_port;
  const bool secure = text.starts_with("https://");
  const std::string_view authority = text.substr(secure ? 8 : 7);
  const bool with_port = authority.find(':', authority.rfind(']') + 1) != std::string_view::npos;
  auto out = parse_sender_target((secure ? "tls://" : "tcp://") + std::string(authority) +
                                 (with_port ? ""
                                  : secure  ? ":443"
                                            : ":80"));
  if (!out) return std::nullopt;
  out->tls = target.tls;
  out->connect_timeout = target.connect_timeout;
  return out;
}

std::unique_ptr<HttpConnection> make_http_connection(const HttpTarget& target) {
  return std::make_unique<Connection>(target);
}

}  // namespace trapline::sinks
