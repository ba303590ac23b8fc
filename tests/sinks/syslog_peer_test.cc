// The syslog sink and its worker against a receiver of its own, which reads strictly.
#include <csignal>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sinks/lane_worker.h"
#include "sinks/syslog_sink.h"
#include "tests/sinks/listed_source.h"
#include "tests/sinks/test_event.h"
#include "tests/support/process.h"
#include "tests/support/seeded_random.h"

namespace trapline::sinks {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using test_support::Process;
using test_support::run_program;
using test_support::wait_until;
using ::testing::HasSubstr;

class NoLetters final : public DeadLetters {
 public:
  void add(const rules::RoutedTrap&, std::string_view reason, std::uint32_t) override {
    ADD_FAILURE() << reason;
  }
  bool commit(std::string&) override { return true; }
};

class SyslogPeer : public testing::Test {
 protected:
  SyslogPeer() { std::signal(SIGPIPE, SIG_IGN); }

  void certify(const std::string& name) {
    certificate_ = scratch_ / "server";
    const auto made =
        run_program({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                     "-keyout", certificate_ + ".key", "-out", certificate_ + ".pem", "-subj",
                     "/CN=trapline test", "-addext", "subjectAltName=" + name});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    options_.target.tls.ca_path = certificate_ + ".pem";
  }
  void serve(const std::string& transport) {
    std::vector<std::string> arguments = {"python3", "-B",
                                          std::string(TRAPLINE_PEERS) + "/syslog_peer.py",
                                          transport, std::to_string(options_.target.port)};
    if (!certificate_.empty()) {
      arguments.push_back(certificate_ + ".pem");
      arguments.push_back(certificate_ + ".key");
    }
    peer_ = std::make_unique<Process>(arguments);
    ASSERT_TRUE(wait_until([&] { return peer_->out().ends_with('\n') || !peer_->running(); }));
    ASSERT_FALSE(peer_->out().empty()) << peer_->err();
    auto target = parse_sender_target(transport + "://127.0.0.1:" + first_line(peer_->out()));
    ASSERT_TRUE(target);
    target->tls = options_.target.tls;
    options_.target = *target;
  }
  static std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }
  void deliver_from(const rules::RoutedTrap& event) {
    worker_.reset();
    source_.emplace(event);
    sink_ = std::make_unique<SyslogSink>(options_, make_sender(options_.target), clock_,
                                         protocol::mib::MibIndex::built_in());
    SinkWorkerOptions options;
    options.window_events = 100;
    LaneOptions lanes;
    lanes.max_age = std::chrono::years(100);  // the events of tests are old
    worker_ =
        std::make_unique<LaneWorker>(options, lanes, *sink_, *source_, letters_, clock_, random_);
  }
  bool settle(std::uint64_t events) {
    return wait_until([&] {
      worker_->step(clock_.boot());
      return worker_->figures().delivered >= events;
    });
  }
  // What the receiver has printed, without the port.
  std::vector<Json> received(std::size_t least) {
    std::vector<Json> messages;
    (void)wait_until([&] {
      messages.clear();
      std::string text = peer_->out();
      for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
        if (text.front() == '{') messages.push_back(Json::parse(text.substr(0, end)));
        text.erase(0, end + 1);
      }
      return messages.size() >= least;
    });
    return messages;
  }
  static std::string id_of(const Json& message) {
    EXPECT_FALSE(message.contains("error")) << message;
    return message.contains("sd") ? message["sd"]["trapline@32473"]["id"].get<std::string>() : "";
  }
  void expect_all_in_order(int events) {
    source_->add(events);
    ASSERT_TRUE(settle(static_cast<std::uint64_t>(events))) << worker_->figures().last_error;
    const auto messages = received(static_cast<std::size_t>(events));
    ASSERT_EQ(messages.size(), static_cast<std::size_t>(events));
    for (int i = 0; i < events; ++i) {
      EXPECT_EQ(id_of(messages[static_cast<std::size_t>(i)]), "gw-1-" + std::to_string(i + 1));
    }
  }
  // Why a sink with these options does not open.
  std::string refusal() {
    std::string reason;
    EXPECT_FALSE(make_sender(options_.target)->open(reason));
    return reason;
  }

  const test_support::ScratchDirectory scratch_;
  const base::SystemClock clock_;
  test_support::SeededRandom random_{7};
  NoLetters letters_;
  SyslogSinkOptions options_;
  std::string certificate_;
  std::unique_ptr<Process> peer_;
  TestEvent template_{link_down(), ""};
  std::optional<ListedSource> source_;
  std::unique_ptr<SyslogSink> sink_;
  std::unique_ptr<LaneWorker> worker_;
};

TEST_F(SyslogPeer, EveryTransportBringsEveryMessageInOrder) {
  for (const std::string transport : {"udp", "tcp", "tls"}) {
    SCOPED_TRACE(transport);
    options_.target.port = 0;
    if (transport == "tls") certify("IP:127.0.0.1");
    serve(transport);
    deliver_from(template_.event);
    expect_all_in_order(transport == "udp" ? 50 : 2'000);
  }
}

TEST_F(SyslogPeer, HostileTextsArriveAsDataOnOneLine) {
  options_.max_bytes = kSyslogStreamBytes;
  serve("tcp");
  const std::string texts[] = {"",
                               "a\r\n<0>1 - evil - - - - injected\r\n",
                               "\"]\\ [x@1 y=\"z\"]",
                               std::string(65'000, 'A'),
                               std::string(65'000, '"'),
                               std::string(65'000, '\x01'),
                               "\xff\xfe\xc3\x28\xf0\x9f\x98",
                               "\xe2\x80\xae"
                               "gnp.exe \xe2\x80\xa8 \x1b[31m \x9b \xc2\x85",
                               "\xef\xbb\xbf bom",
                               std::string("a\0b", 3)};
  std::size_t sent = 0;
  for (const std::string& text : texts) {
    for (const SyslogFormat format : {SyslogFormat::text, SyslogFormat::json}) {
      options_.format = format;
      TestEvent test(trap_with_text(text), "");
      const rules::Tag tag{"tag", text};
      test.event.verdict.summary = text;
      test.event.verdict.key = text;
      test.event.verdict.tags = std::span(&tag, 1);
      worker_.reset();
      deliver_from(test.event);
      source_->add(1);
      ASSERT_TRUE(settle(1)) << worker_->figures().last_error;
      worker_.reset();
      sink_.reset();
      const auto messages = received(++sent);
      ASSERT_EQ(messages.size(), sent);
      EXPECT_EQ(id_of(messages.back()), "gw-1-1");
      EXPECT_LE(messages.back().value("octets", 0U), options_.max_bytes);
    }
  }
}

TEST_F(SyslogPeer, WhatWasNotAcknowledgedComesAgainAfterAReceiverIsBack) {
  certify("IP:127.0.0.1");
  serve("tls");
  deliver_from(template_.event);
  expect_all_in_order(20);
  peer_->signal(SIGKILL);
  ASSERT_TRUE(peer_->wait());
  source_->add(20);
  ASSERT_TRUE(wait_until([&] {
    worker_->step(clock_.boot());
    return worker_->figures().state == SinkState::waiting;
  }));
  EXPECT_EQ(worker_->figures().delivered, 20U);
  serve("tls");  // on the same port
  ASSERT_TRUE(settle(40)) << worker_->figures().last_error;
  const auto messages = received(20);
  ASSERT_EQ(messages.size(), 20U);
  for (std::size_t i = 0; i < 20; ++i) {
    EXPECT_EQ(id_of(messages[i]), "gw-1-" + std::to_string(21 + i));
  }
}

TEST_F(SyslogPeer, CertificatesAreVerified) {
  certify("DNS:logs.example.net");
  serve("tls");
  EXPECT_THAT(refusal(), HasSubstr("IP address mismatch"));
  options_.target.tls.server_name = "other.example.net";
  EXPECT_THAT(refusal(), HasSubstr("hostname mismatch"));
  options_.target.tls.server_name = "logs.example.net";
  std::string reason;
  EXPECT_TRUE(make_sender(options_.target)->open(reason)) << reason;
  options_.target.tls.ca_path.clear();
  EXPECT_THAT(refusal(), HasSubstr("self-signed certificate"));
  options_.target.tls.ca_path = "/nowhere.pem";
  EXPECT_THAT(refusal(), HasSubstr("CA certificates cannot be loaded"));
}

TEST_F(SyslogPeer, AHostThatIsNotThereIsNamed) {
  options_.target = *parse_sender_target("tcp://127.0.0.1:1");
  EXPECT_EQ(refusal(), "tcp://127.0.0.1:1: cannot connect: Connection refused");
  options_.target = *parse_sender_target("tls://nowhere.invalid");
  EXPECT_THAT(refusal(), HasSubstr("cannot look up nowhere.invalid"));
}

}  // namespace
}  // namespace trapline::sinks
