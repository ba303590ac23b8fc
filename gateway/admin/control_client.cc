#include "gateway/admin/control_client.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

namespace trapline::gateway {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using UnixProtocol = asio::local::stream_protocol;

constexpr std::uint64_t kMaxReplyBytes = std::uint64_t{16} << 20;

// One exchange; each step blocks until it is done or the deadline of the whole has come.
class Exchange {
 public:
  Exchange(std::chrono::milliseconds timeout) : stream_(io_) { stream_.expires_after(timeout); }

  bool connect(const std::string& path) {
    stream_.async_connect(UnixProtocol::endpoint(path),
                          [this](beast::error_code error) { error_ = error; });
    return finish_step();
  }

  bool send(http::verb verb, const std::string& target, const std::string& body) {
    http::request<http::string_body> request(verb, target, 11);
    request.set(http::field::host, "localhost");
    request.keep_alive(false);
    request.body() = body;
    request.prepare_payload();
    http::async_write(stream_, request,
                      [this](beast::error_code error, std::size_t /*bytes*/) { error_ = error; });
    return finish_step();
  }

  bool receive(ControlReply& reply) {
    beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(kMaxReplyBytes);
    http::async_read(stream_, buffer, parser,
                     [this](beast::error_code error, std::size_t) { error_ = error; });
    if (!finish_step()) return false;
    reply.status = parser.get().result_int();
    reply.body = std::move(parser.get().body());
    return true;
  }

  [[nodiscard]] beast::error_code error() const { return error_; }

 private:
  bool finish_step() {
    io_.run();
    io_.restart();
    return !error_;
  }

  asio::io_context io_;
  beast::basic_stream<UnixProtocol> stream_;
  beast::error_code error_;
};

std::string explain(const std::string& path, beast::error_code error) {
  if (error == asio::error::connection_refused || error == beast::errc::no_such_file_or_directory) {
    return "no gateway is running with this data directory: nobody answers on " + path +
           "; start one with `trapline run`, or name its --config or --data-dir";
  }
  if (error == asio::error::access_denied) {
    return "not allowed to use " + path + ": run this as the gateway's user or as root";
  }
  if (error == beast::error::timeout) {
    return "the gateway at " + path + " does not answer in time: see its log";
  }
  return "asking the gateway at " + path + " failed: " + error.message();
}

base::Result<ControlReply, std::string> ask(const std::string& path, http::verb verb,
                                            const std::string& target, const std::string& body,
                                            std::chrono::milliseconds timeout) {
  constexpr std::size_t kLongestPath = 107;  // sockaddr_un; asio throws beyond it
  if (path.size() > kLongestPath) return path + " is longer than a socket's name can be";
  Exchange exchange(timeout);
  ControlReply reply;
  if (exchange.connect(path) && exchange.send(verb, target, body) && exchange.receive(reply))
    return reply;
  return explain(path, exchange.error());
}

}  // namespace

base::Result<ControlReply, std::string> control_get(const std::string& path,
                                                    const std::string& target,
                                                    std::chrono::milliseconds timeout) {
  return ask(path, http::verb::get, target, {}, timeout);
}

base::Result<ControlReply, std::string> control_post(const std::string& path,
                                                     const std::string& target,
                                                     const std::string& body,
                                                     std::chrono::milliseconds timeout) {
  return ask(path, http::verb::post, target, body, timeout);
}

}  // namespace trapline::gateway
