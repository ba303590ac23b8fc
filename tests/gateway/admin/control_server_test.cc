#include "gateway/admin/control_server.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/admin/control_client.h"
#include "gateway/admin/control_socket.h"
#include "tests/support/scratch_directory.h"

namespace trapline::gateway {
namespace {

using test_support::ScratchDirectory;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::chrono::milliseconds kPatience{20'000};

// A client's end of the socket, for what no decent client would send.
class RawClient {
 public:
  explicit RawClient(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient() { ::close(socket_); }

  [[nodiscard]] bool connected() const { return connected_; }
  void send(std::string_view text) const {
    // The server may have answered and closed in the middle of it.
    (void)::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
  }
  // Everything the server says until it closes.
  [[nodiscard]] std::string receive() const {
    std::string all;
    char chunk[4096];
    for (;;) {
      const ssize_t got = ::recv(socket_, chunk, sizeof chunk, 0);
      if (got <= 0) return all;
      all.append(chunk, static_cast<std::size_t>(got));
    }
  }
  [[nodiscard]] std::string ask(std::string_view request) const {
    send(request);
    return receive();
  }

 private:
  int socket_;
  bool connected_ = false;
};

// A server on a thread of its own, as the gateway runs it.
class ControlServerTest : public ::testing::Test {
 protected:
  void serve(const ControlLimits& limits = {}) {
    ControlRoutes routes = {{"/status",
                             [] {
                               return ControlAnswer{200, "application/json", "{\"a\":1}"};
                             }},
                            {"/large",
                             [] {
                               return ControlAnswer{200, "text/plain", std::string(1'000'000, 'x')};
                             }},
                            {"/-/ready", [] {
                               return ControlAnswer{503, "text/plain", "no\n"};
                             }}};
    auto server = ControlServer::open(io_, path_, std::move(routes), limits);
    ASSERT_TRUE(server) << server.error();
    server_ = std::move(*server);
    thread_ = std::thread([this] { io_.run(); });
  }

  void TearDown() override {
    io_.stop();
    if (thread_.joinable()) thread_.join();
    server_.reset();
  }

  ScratchDirectory scratch_;
  std::string path_ = control_socket_path(scratch_.path());
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      io_.get_executor()};
  std::unique_ptr<ControlServer> server_;
  std::thread thread_;
};

TEST_F(ControlServerTest, AnswersItsRoutes) {
  serve();
  const auto reply = control_get(path_, "/status", kPatience);
  ASSERT_TRUE(reply) << reply.error();
  EXPECT_EQ(reply->status, 200U);
  EXPECT_EQ(reply->body, "{\"a\":1}");
  EXPECT_EQ(control_get(path_, "/status?verbose=1", kPatience)->body, "{\"a\":1}");
  EXPECT_EQ(control_get(path_, "/-/ready", kPatience)->status, 503U);
  EXPECT_EQ(control_get(path_, "/large", kPatience)->body.size(), 1'000'000U);
  EXPECT_EQ(control_get(path_, "/", kPatience)->status, 404U);
}

TEST_F(ControlServerTest, OnlyItsOwnerMayUseTheSocket) {
  serve();
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(ControlServerTest, AnswersGetAndHeadOnly) {
  serve();
  const std::string refused = RawClient(path_).ask("POST /status HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(refused, HasSubstr("Allow: GET, HEAD\r\n"));
  const std::string head = RawClient(path_).ask("HEAD /status HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(head, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(head, HasSubstr("Content-Length: 7\r\n"));
  EXPECT_TRUE(head.ends_with("\r\n\r\n"));
}

TEST_F(ControlServerTest, RefusesWhatIsTooLargeOrNoHttp) {
  serve();
  const std::string long_header =
      "GET /status HTTP/1.1\r\nHost: x\r\nX: " + std::string(20'000, 'y') + "\r\n\r\n";
  EXPECT_THAT(RawClient(path_).ask(long_header), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(
      RawClient(path_).ask("GET /status HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n"),
      StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(RawClient(path_).ask("\x16\x03\x01\x02\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
}

TEST_F(ControlServerTest, ClosesAConnectionThatSaysNothing) {
  ControlLimits limits;
  limits.read = std::chrono::milliseconds(50);
  serve(limits);
  EXPECT_EQ(RawClient(path_).receive(), "");
  EXPECT_EQ(RawClient(path_).ask("GET /sta"), "");
}

TEST_F(ControlServerTest, TurnsAwayConnectionsBeyondItsLimit) {
  ControlLimits limits;
  limits.connections = 2;
  limits.read = kPatience;
  serve(limits);
  const RawClient first(path_);
  const RawClient second(path_);
  const RawClient third(path_);
  EXPECT_THAT(third.receive(), StartsWith("HTTP/1.1 503 "));
  // A place becomes free again.
  EXPECT_THAT(first.ask("GET /status HTTP/1.1\r\nHost: x\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(ControlServerTest, ReplacesASocketLeftBehind) {
  const auto left = listen_on_control_socket(path_);
  ASSERT_TRUE(left) << left.error();
  ::close(*left);
  serve();
  EXPECT_EQ(control_get(path_, "/status", kPatience)->status, 200U);
}

TEST_F(ControlServerTest, TakesNoSocketInUseAndNoOtherFile) {
  serve();
  boost::asio::io_context io;
  const auto second = ControlServer::open(io, path_, {});
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error(), HasSubstr("another gateway answers"));
  const auto file = ControlServer::open(io, scratch_.write("file", "precious"), {});
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error(), HasSubstr("is no socket"));
  const auto long_path = ControlServer::open(io, scratch_ / std::string(200, 'x'), {});
  ASSERT_FALSE(long_path);
  EXPECT_THAT(long_path.error(), HasSubstr("shorter data directory"));
}

TEST_F(ControlServerTest, RemovesItsSocketWhenItGoes) {
  serve();
  const RawClient pending(path_);
  EXPECT_TRUE(pending.connected());
  TearDown();
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(ControlServerTest, MayGoWhileTheContextRunsOn) {
  {
    boost::asio::io_context io;
    auto server = ControlServer::open(io, path_, {});
    ASSERT_TRUE(server);
    const RawClient client(path_);
    io.poll();
    server->reset();
    io.restart();
    io.run();  // ends, because nothing of the server is left in it
    EXPECT_EQ(client.receive(), "");
  }
}

TEST(ControlClient, SaysWhenNobodyIsThere) {
  const ScratchDirectory scratch;
  const auto none = control_get(control_socket_path(scratch.path()), "/status", kPatience);
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error(), HasSubstr("no gateway is running with this data directory"));
}

TEST(ControlClient, GivesUpOnASocketThatNeverAnswers) {
  const ScratchDirectory scratch;
  const auto silent = listen_on_control_socket(scratch / "s");
  ASSERT_TRUE(silent);
  const auto reply = control_get(scratch / "s", "/status", std::chrono::milliseconds(50));
  ASSERT_FALSE(reply);
  EXPECT_THAT(reply.error(), HasSubstr("does not answer in time"));
  ::close(*silent);
}

}  // namespace
}  // namespace trapline::gateway
