#include "gateway/admin/control_server.h"

#include <unistd.h>

#include <set>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/optional/optional.hpp>

#include "gateway/admin/control_socket.h"

namespace trapline::gateway {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using UnixProtocol = asio::local::stream_protocol;
using UnixStream = beast::basic_stream<UnixProtocol>;
using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

class Connection;

// What the server and its connections share; the connections may outlive the server.
struct Shared {
  ControlRoutes routes;
  ControlActions actions;
  ControlLimits limits;
  std::set<Connection*> open;
  bool closed = false;
};

ControlAnswer plain(unsigned status, std::string_view text) {
  return {status, "text/plain; charset=utf-8", std::string(text) + "\n"};
}

ControlAnswer answer_request(const Shared& shared, const Request& request) {
  const auto target = request.target();
  const auto whole = std::string_view(target.data(), target.size());
  const auto path = whole.substr(0, whole.find('?'));
  const auto route = shared.routes.find(path);
  const auto action = shared.actions.find(path);
  const bool reads = request.method() == http::verb::get || request.method() == http::verb::head;
  if (reads && route != shared.routes.end()) return route->second();
  if (request.method() == http::verb::post && action != shared.actions.end()) {
    return action->second(request.body());
  }
  if (route != shared.routes.end()) return plain(405, "only GET is answered here");
  if (action != shared.actions.end()) return plain(405, "only POST is answered here");
  return plain(404, "nothing answers at this path");
}

ControlAnswer answer_bad_request(beast::error_code error) {
  if (error == http::error::header_limit) return plain(431, "the header is too large");
  if (error == http::error::body_limit) return plain(413, "the body is too large");
  return plain(400, "this is not an HTTP request");
}

Response make_response(ControlAnswer&& answer, bool with_body) {
  Response response;
  response.version(11);
  response.result(answer.status);
  response.set(http::field::content_type, answer.content_type);
  response.set(http::field::cache_control, "no-store");
  if (answer.status == 405) {
    response.set(http::field::allow,
                 answer.body.find("POST") == std::string::npos ? "GET, HEAD" : "POST");
  }
  response.keep_alive(false);
  response.content_length(answer.body.size());
  if (with_body) response.body() = std::move(answer.body);
  return response;
}

// One request and its response. Kept alive by its pending operations.
class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  Connection(UnixProtocol::socket socket, std::shared_ptr<Shared> shared)
      : stream_(std::move(socket)),
        buffer_(2U * shared->limits.header_bytes),
        shared_(std::move(shared)) {
    shared_->open.insert(this);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { shared_->open.erase(this); }

  void read() {
    parser_.header_limit(shared_->limits.header_bytes);
    parser_.body_limit(shared_->limits.body_bytes);
    stream_.expires_after(shared_->limits.read);
    http::async_read(stream_, buffer_, parser_,
                     [self = shared_from_this()](beast::error_code error, std::size_t /*bytes*/) {
                       self->on_read(error);
                     });
  }

  void write(ControlAnswer&& answer, bool with_body) {
    response_ = make_response(std::move(answer), with_body);
    stream_.expires_after(shared_->limits.write);
    http::async_write(stream_, *response_,
                      [self = shared_from_this()](beast::error_code /*error*/,
                                                  std::size_t /*bytes*/) { self->close(); });
  }

  void close() {
    beast::error_code ignored;
    stream_.socket().shutdown(UnixProtocol::socket::shutdown_both, ignored);
    stream_.close();
  }

 private:
  void on_read(beast::error_code error) {
    const bool is_http =
        error.category() == http::make_error_code(http::error::bad_version).category();
    if (!error) {
      const Request& request = parser_.get();
      write(answer_request(*shared_, request), request.method() != http::verb::head);
    } else if (is_http && error != http::error::end_of_stream) {
      write(answer_bad_request(error), true);
    } else {
      close();  // gone, or too slow
    }
  }

  UnixStream stream_;
  beast::flat_buffer buffer_;
  http::request_parser<http::string_body> parser_;
  boost::optional<Response> response_;
  std::shared_ptr<Shared> shared_;
};

// The acceptor.
class UnixControlServer final : public ControlServer {
 public:
  UnixControlServer(asio::io_context& io, int socket, std::string path, ControlRoutes routes,
                    const ControlLimits& limits, ControlActions actions)
      : acceptor_(io, UnixProtocol(), socket),
        pause_(io),
        path_(std::move(path)),
        shared_(std::make_shared<Shared>(
            Shared{std::move(routes), std::move(actions), limits, {}, false})) {
    accept();
  }
  UnixControlServer(const UnixControlServer&) = delete;
  UnixControlServer& operator=(const UnixControlServer&) = delete;
  ~UnixControlServer() override {
    shared_->closed = true;
    ::unlink(path_.c_str());
    acceptor_.close();
    for (Connection* connection : shared_->open) connection->close();
  }

  [[nodiscard]] std::uint64_t turned_away() const override { return turned_away_; }

 private:
  void accept() {
    // A completion may be under way while this object goes: `shared` tells it so.
    const auto accepted = [this, shared = shared_](beast::error_code error,
                                                   UnixProtocol::socket socket) {
      if (shared->closed) return;
      if (error) return accept_later();
      serve(std::move(socket));
      accept();
    };
    acceptor_.async_accept(accepted);
  }

  // Out of descriptors, most likely: trying again at once would spin.
  void accept_later() {
    pause_.expires_after(std::chrono::milliseconds(100));
    pause_.async_wait([this, shared = shared_](beast::error_code /*error*/) {
      if (!shared->closed) accept();
    });
  }

  void serve(UnixProtocol::socket socket) {
    const bool full = shared_->open.size() >= shared_->limits.connections;
    if (full) {
      turn_away(socket);
      return;
    }
    std::make_shared<Connection>(std::move(socket), shared_)->read();
  }

  // Without waiting for a socket that may not take it.
  void turn_away(UnixProtocol::socket& socket) {
    static constexpr std::string_view kBusy =
        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    ++turned_away_;
    beast::error_code ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(kBusy), ignored);
  }

  UnixProtocol::acceptor acceptor_;
  asio::steady_timer pause_;
  const std::string path_;
  std::shared_ptr<Shared> shared_;
  std::uint64_t turned_away_ = 0;
};

}  // namespace

base::Result<std::unique_ptr<ControlServer>, std::string> ControlServer::open(
    asio::io_context& io, const std::string& path, ControlRoutes routes,
    const ControlLimits& limits, ControlActions actions) {
  const auto socket = listen_on_control_socket(path);
  if (!socket) return socket.error();
  return std::unique_ptr<ControlServer>(std::make_unique<UnixControlServer>(
      io, *socket, path, std::move(routes), limits, std::move(actions)));
}

}  // namespace trapline::gateway
