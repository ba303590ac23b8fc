// The syslog sink and its worker against a receiver of its own, which reads strictly.
#include <csignal>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sinks/lane_worker.h"
#include "sinks/syslog_sink.h"
#include "tests/sinks/listed_source.h"
#include "tests/sinks/test_event.h"
#include "tests/support/peer.h"
#include "tests/support/seeded_random.h"

namespace trapline::sinks {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using test_support::Peer;
using test_support::wait_until;
using ::testing::HasSubstr;

constexpr std::string_view kMessage = "38 <30>1 2026-01-01T00:00:00Z h app p i -";

class NoLetters final : public DeadLetters {
 public:
  void add(const rules::RoutedTrap&, std::string_view reason, std::uint32_t) override {
    ADD_FAILURE() << reason;
  }
  bool commit(std::string&) override { return true; }
};

class SyslogPeer : public testing::Test {
 protected:
  SyslogPeer() {
    std::signal(SIGPIPE, SIG_IGN);
    options_.confirm = 20ms;
  }

  void certify(const std::string& name) {
    certificate_ = test_support::make_certificate(scratch_, "server", name);
    options_.target.tls.ca_path = certificate_.path;
  }
  void serve(const std::string& transport) {
    std::vector<std::string> arguments = {transport, std::to_string(options_.target.port)};
    if (transport == "tls") {
      arguments.push_back(certificate_.path);
      arguments.push_back(certificate_.key_path);
      if (!client_ca_.empty()) arguments.push_back(client_ca_);
    }
    peer_ = std::make_unique<Peer>("syslog_peer.py");
    ASSERT_TRUE(peer_->start(arguments));
    auto target = parse_sender_target(transport + "://127.0.0.1:" + peer_->port());
    ASSERT_TRUE(target);
    target->tls = options_.target.tls;
    options_.target = *target;
  }
  void deliver_from(const rules::RoutedTrap& event) {
    worker_.reset();
    source_.emplace(event);
    sink_ = std::make_unique<SyslogSink>(options_, make_sender(options_.target), clock_,
                                         protocol::mib::MibIndex::built_in());
    SinkWorkerOptions options;
    options.window_events = kSyslogWindow;
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
  // What the receiver that runs has told.
  std::vector<Json> received(std::size_t least) {
    std::vector<Json> messages;
    (void)wait_until([&] {
      messages.clear();
      std::istringstream lines(peer_->told());
      for (std::string line; std::getline(lines, line);) messages.push_back(Json::parse(line));
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
  enum class Ending : std::uint8_t { none, finished, broken };
  // Says that nothing more comes, until it is known how that ends.
  Ending finish() {
    Ending ending = Ending::none;
    std::string problem;
    (void)wait_until([&] {
      const bool said = sender_->finish(problem);
      const auto standing = said ? sender_->look(problem) : std::nullopt;
      if (!standing) ending = Ending::broken;
      if (standing && standing->finished) ending = Ending::finished;
      return ending != Ending::none;
    });
    return ending;
  }
  // Through a connection of its own.
  Ending send_and_finish() {
    std::string problem;
    if (!sender_->open(problem) || !sender_->send(kMessage, problem)) return Ending::broken;
    return finish();
  }
  // A connection is being finished with a message on it that the receiver, which stands still, has
  // not read.
  void finish_unread(const std::string& transport) {
    options_.target.port = 0;
    if (transport == "tls") certify("IP:127.0.0.1");
    serve(transport);
    sender_ = make_sender(options_.target);
    std::string problem;
    ASSERT_TRUE(sender_->open(problem)) << problem;
    peer_->signal(SIGSTOP);
    ASSERT_EQ(sender_->send(kMessage, problem), kMessage.size());
    ASSERT_TRUE(sender_->finish(problem));
    EXPECT_FALSE(sender_->look(problem).value().closed);
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
  test_support::Certificate certificate_;
  std::string client_ca_;
  std::unique_ptr<Peer> peer_;
  std::unique_ptr<Sender> sender_;
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

TEST_F(SyslogPeer, WhatAKilledReceiverHasNotReadComesAgain) {
  for (const std::string transport : {"tcp", "tls"}) {
    SCOPED_TRACE(transport);
    options_.target.port = 0;
    options_.confirm = 10min;
    if (transport == "tls") certify("IP:127.0.0.1");
    serve(transport);
    deliver_from(template_.event);
    const auto all_sent = [&] {
      worker_->step(clock_.boot());
      return sink_->gathered_bytes() == 0;
    };
    source_->add(20);
    ASSERT_TRUE(wait_until(all_sent));
    ASSERT_EQ(received(20).size(), 20U);
    peer_->signal(SIGSTOP);
    source_->add(20);
    ASSERT_TRUE(wait_until(all_sent));
    EXPECT_EQ(worker_->figures().delivered, 0U);
    peer_->kill();
    ASSERT_TRUE(wait_until([&] {
      worker_->step(clock_.boot());
      return worker_->figures().state == SinkState::waiting;
    }));
    options_.confirm = 20ms;
    serve(transport);  // on the same port
    ASSERT_TRUE(settle(40)) << worker_->figures().last_error;
    const auto messages = received(40);
    ASSERT_EQ(messages.size(), 40U);
    for (std::size_t i = 0; i < 40; ++i) {
      EXPECT_EQ(id_of(messages[i]), "gw-1-" + std::to_string(1 + i));
    }
  }
}

TEST_F(SyslogPeer, AConnectionIsFinishedOnceItWasRead) {
  for (const std::string transport : {"tcp", "tls"}) {
    SCOPED_TRACE(transport);
    options_.target.port = 0;
    if (transport == "tls") certify("IP:127.0.0.1");
    serve(transport);
    sender_ = make_sender(options_.target);
    for (std::size_t i = 1; i <= 20; ++i) {
      ASSERT_EQ(send_and_finish(), Ending::finished);
      ASSERT_EQ(received(0).size(), i);
      EXPECT_EQ(received(0).back().value("app", ""), "app");
    }
  }
}

TEST_F(SyslogPeer, AReceiverThatIsKilledWithSomethingUnreadHasNotReadIt) {
  for (const std::string transport : {"tcp", "tls"}) {
    SCOPED_TRACE(transport);
    ASSERT_NO_FATAL_FAILURE(finish_unread(transport));
    peer_->kill();
    EXPECT_EQ(finish(), Ending::broken);
  }
}

// As syslog-ng does when it is told to end.
TEST_F(SyslogPeer, AReceiverThatShutsDownWithSomethingUnreadHasNotReadIt) {
  ASSERT_NO_FATAL_FAILURE(finish_unread("tls"));
  peer_->signal(SIGTERM);
  peer_->signal(SIGCONT);
  EXPECT_EQ(finish(), Ending::broken);
}

TEST_F(SyslogPeer, AReceiverThatClosesUnaskedHasReadWhatCameBefore) {
  for (const std::string transport : {"tcp", "tls"}) {
    SCOPED_TRACE(transport);
    options_.target.port = 0;
    if (transport == "tls") certify("IP:127.0.0.1");
    serve(transport);
    sender_ = make_sender(options_.target);
    std::string problem;
    ASSERT_TRUE(sender_->open(problem)) << problem;
    ASSERT_EQ(sender_->send(kMessage, problem), kMessage.size());
    ASSERT_EQ(received(1).size(), 1U);
    peer_->signal(SIGUSR1);
    std::optional<Standing> standing;
    ASSERT_TRUE(wait_until([&] {
      standing = sender_->look(problem);
      return !standing || standing->closed;
    }));
    ASSERT_TRUE(standing) << problem;
    EXPECT_EQ(finish(), Ending::finished);
  }
}

TEST_F(SyslogPeer, ACertificateThatIsNoLongerTakenEndsNothingInOrder) {
  const auto good = test_support::make_certificate(scratch_, "client", "DNS:client");
  client_ca_ = good.path;
  certify("IP:127.0.0.1");
  options_.target.tls.cert_path = good.path;
  options_.target.tls.key_path = good.key_path;
  serve("tls");
  sender_ = make_sender(options_.target);
  ASSERT_EQ(send_and_finish(), Ending::finished);
  const auto bad = test_support::make_certificate(scratch_, "other", "DNS:other");
  options_.target.tls.cert_path = bad.path;
  options_.target.tls.key_path = bad.key_path;
  EXPECT_EQ(send_and_finish(), Ending::broken);
  EXPECT_EQ(received(0).size(), 1U);
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
