// The HTTP client against a server process of its own, with certificates made for the occasion.
#include "sinks/net/http_client.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/peer.h"

namespace trapline::sinks {
namespace {

using namespace std::chrono_literals;

class HttpClient : public testing::Test {
 protected:
  HttpClient() { std::signal(SIGPIPE, SIG_IGN); }

  void serve(const std::string& name, int days = 2) {
    const auto certificate = test_support::make_certificate(scratch_, "server", name, days);
    certificate_ = certificate.path;
    ASSERT_TRUE(server_.start({certificate.path, certificate.key_path}));
    port_ = server_.port();
  }
  HttpAnswer post(const std::string& path, HttpRequest request = {"{}", "application/json", {}}) {
    target_ = std::move(*parse_http_url("https://127.0.0.1:" + port_ + path));
    target_.timeout = timeout_;
    if (trusted_) target_.tls.ca_path = certificate_;
    target_.tls.server_name = server_name_;
    target_.method = method_;
    connection_ = make_http_connection(target_);
    return connection_->post(request);
  }
  void serve_well() { serve("IP:127.0.0.1"); }

  test_support::ScratchDirectory scratch_;
  test_support::Peer server_{"https_peer.py"};
  std::string certificate_, port_;
  HttpTarget target_;
  std::unique_ptr<HttpConnection> connection_;
  std::chrono::milliseconds timeout_{10'000};
  bool trusted_ = true;
  std::string server_name_, method_ = "POST";
};

TEST_F(HttpClient, StatusesBodiesAndRetryAfterComeBack) {
  serve_well();
  EXPECT_EQ(post("/status/200").status, 200);
  const HttpAnswer bad = post("/status/400");
  EXPECT_EQ(bad.status, 400);
  EXPECT_EQ(bad.body, "said 400");
  const HttpAnswer later = post("/retry/429/17");
  EXPECT_EQ(later.status, 429);
  EXPECT_EQ(later.retry_after, 17s);
  EXPECT_EQ(post("/retry/503/nonsense").retry_after, std::nullopt);
}

TEST_F(HttpClient, AConnectionServesManyRequests) {
  serve_well();
  EXPECT_EQ(post("/status/200").status, 200);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(connection_->post({"{}", "application/json", {}}).status, 200);
  }
}

TEST_F(HttpClient, BodyAndHeadersArrive) {
  serve_well();
  const HttpAnswer answer =
      post("/echo/Idempotency-Key", {"body", "text/plain", {{"Idempotency-Key", "gw-1-7"}}});
  EXPECT_EQ(answer.body, "gw-1-7|body");
}

TEST_F(HttpClient, RedirectsAreNotFollowed) {
  serve_well();
  EXPECT_EQ(post("/redirect").status, 302);
}

TEST_F(HttpClient, AnAnswerIsReadAsFarAsItIsWanted) {
  serve_well();
  const HttpAnswer answer = post("/long");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body.size(), kMostAnswerBytes);
}

TEST_F(HttpClient, ABodyThatDribblesEndsAtTheDeadline) {
  serve_well();
  timeout_ = 500ms;
  const auto before = std::chrono::steady_clock::now();
  const HttpAnswer answer = post("/slow");
  EXPECT_LT(std::chrono::steady_clock::now() - before, 5s);
  EXPECT_EQ(answer.status, 0);
  EXPECT_EQ(answer.error, "https://127.0.0.1:" + port_ + ": no answer within 500 ms");
}

TEST_F(HttpClient, StopEndsARequest) {
  serve_well();
  post("/status/200");
  target_ = std::move(*parse_http_url("https://127.0.0.1:" + port_ + "/slow"));
  target_.tls.ca_path = certificate_;
  connection_ = make_http_connection(target_);
  HttpAnswer answer;
  std::atomic<bool> ended = false;
  std::thread thread([&] {
    answer = connection_->post({"{}", "application/json", {}});
    ended = true;
  });
  const auto before = std::chrono::steady_clock::now();
  while (!ended) {
    connection_->stop();
    std::this_thread::yield();
  }
  thread.join();
  EXPECT_EQ(answer.status, 0);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 9s) << "not at its deadline";
}

TEST_F(HttpClient, AnUnknownAuthorityIsRefused) {
  serve_well();
  trusted_ = false;
  const HttpAnswer answer = post("/status/200");
  EXPECT_EQ(answer.status, 0);
  EXPECT_NE(answer.error.find("certificate"), std::string::npos) << answer.error;
}

TEST_F(HttpClient, AnotherNameIsRefused) {
  serve("DNS:other.example.net");
  const HttpAnswer answer = post("/status/200");
  EXPECT_EQ(answer.status, 0);
  EXPECT_NE(answer.error.find("certificate"), std::string::npos) << answer.error;
}

TEST_F(HttpClient, TheNameInTheCertificateCanBeSaid) {
  serve("DNS:other.example.net");
  server_name_ = "other.example.net";
  EXPECT_EQ(post("/echo/Host", {"", "text/plain", {}}).body, "127.0.0.1:" + port_ + "|");
  EXPECT_EQ(connection_->post({"again", "text/plain", {}}).body, "127.0.0.1:" + port_ + "|again");
  server_name_ = "another.example.net";
  const HttpAnswer answer = post("/status/200");
  EXPECT_EQ(answer.status, 0);
  EXPECT_NE(answer.error.find("certificate"), std::string::npos) << answer.error;
}

TEST_F(HttpClient, TheMethodIsTheTargets) {
  serve_well();
  for (const std::string method : {"PUT", "PATCH", "POST"}) {
    method_ = method;
    EXPECT_EQ(post("/method").body, method);
  }
}

TEST_F(HttpClient, AnExpiredCertificateIsRefused) {
  serve("IP:127.0.0.1", -1);
  const HttpAnswer answer = post("/status/200");
  EXPECT_EQ(answer.status, 0);
  EXPECT_NE(answer.error.find("certificate"), std::string::npos) << answer.error;
}

TEST_F(HttpClient, AKeyWithAPassphraseIsRefusedAndNobodyAskedForIt) {
  serve_well();
  const auto client = test_support::make_certificate(scratch_, "client", "DNS:client");
  target_ = std::move(*parse_http_url("https://127.0.0.1:" + port_ + "/status/200"));
  target_.tls = {certificate_, client.path, client.key_path, {}};
  connection_ = make_http_connection(target_);
  EXPECT_EQ(connection_->post({"{}", "application/json", {}}).status, 200);

  target_.tls.key_path = scratch_ / "locked.key";
  const auto locked =
      test_support::run_program({"openssl", "pkey", "-aes128", "-passout", "pass:x", "-in",
                                 client.key_path, "-out", target_.tls.key_path});
  ASSERT_EQ(locked.exit_code, 0) << locked.err;
  connection_ = make_http_connection(target_);
  const HttpAnswer answer = connection_->post({"{}", "application/json", {}});
  EXPECT_EQ(answer.status, 0);
  EXPECT_EQ(answer.error, "https://127.0.0.1:" + port_ +
                              ": the client's certificate or key cannot be loaded: the key has a "
                              "passphrase");
}

TEST_F(HttpClient, NobodyThereIsSaid) {
  port_ = "1";
  const HttpAnswer answer = post("/secret");
  EXPECT_EQ(answer.status, 0);
  EXPECT_EQ(answer.error, "https://127.0.0.1:1: cannot connect");
}

}  // namespace
}  // namespace trapline::sinks
