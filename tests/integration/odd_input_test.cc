// Datagrams that are no notifications: counted by reason, told in the log, harmless.

#include <random>

#include <gtest/gtest.h>

#include "gateway/load/notification_template.h"
#include "tests/integration/datagram_sender.h"
#include "tests/integration/running_gateway.h"

namespace trapline::integration {
namespace {

using nlohmann::json;
using test_support::ScratchDirectory;
using test_support::wait_until;

class OddInput : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(gateway_.start()) << gateway_.log(); }

  // The status, once so many datagrams have been received and dealt with.
  json status_after(std::uint64_t received) {
    json status;
    EXPECT_TRUE(wait_until([&] {
      status = gateway_.status();
      return status.is_object() && status["ledger"]["received"] == received &&
             status["ledger"]["in_flight"] == 0;
    })) << status;
    return status;
  }

  // A good trap, to be spoilt.
  static std::vector<std::byte> trap() {
    const gateway::load::NotificationTemplate message({});
    return {message.bytes().begin(), message.bytes().end()};
  }

  ScratchDirectory scratch_;
  RunningGateway gateway_{scratch_.path()};
};

TEST_F(OddInput, IsCountedByReason) {
  const DatagramSender sender(gateway_.port());
  const std::vector<std::byte> good = trap();
  std::vector<std::byte> other_version = good;
  other_version[5] = std::byte{2};
  std::vector<std::byte> get_request = good;
  get_request[14] = std::byte{0xa0};
  ASSERT_TRUE(sender.send(base::Bytes(good).first(40)));
  ASSERT_TRUE(sender.send({}));
  ASSERT_TRUE(sender.send(other_version));
  ASSERT_TRUE(sender.send(get_request));
  ASSERT_TRUE(sender.send(base::as_bytes("hello")));
  ASSERT_TRUE(sender.send(good));
  const json status = status_after(6);
  EXPECT_EQ(status["ledger"]["accepted"], 1) << status;
  EXPECT_EQ(status["ledger"]["malformed"].get<int>() + status["ledger"]["protocol"].get<int>(), 5)
      << status;
  EXPECT_EQ(status["reasons"]["malformed"]["unknown_version"], 1) << status;
  EXPECT_TRUE(balances(status)) << status;
  EXPECT_NE(gateway_.log().find("127.0.0.1"), std::string::npos) << gateway_.log();
}

TEST_F(OddInput, AFloodOfItIsLoggedAtALimitedRate) {
  constexpr int kDatagrams = 2'000;
  const DatagramSender sender(gateway_.port());
  const std::vector<std::byte> good = trap();
  for (int i = 0; i < kDatagrams; ++i) ASSERT_TRUE(sender.send(base::Bytes(good).first(40)));
  const json status = status_after(kDatagrams);
  EXPECT_EQ(status["ledger"]["malformed"], kDatagrams);
  EXPECT_LT(gateway_.log().size(), 20'000U);
}

TEST_F(OddInput, MutatedTrapsDoNotDisturbTheNextGoodOne) {
  constexpr std::uint64_t kDatagrams = 5'000;
  constexpr unsigned kSeed = 20'260'101;
  const DatagramSender sender(gateway_.port());
  std::mt19937 random(kSeed);
  for (std::uint64_t i = 0; i < kDatagrams; ++i) {
    std::vector<std::byte> spoilt = trap();
    for (int n = 0; n < 3; ++n) {
      spoilt[random() % spoilt.size()] = static_cast<std::byte>(random());
    }
    ASSERT_TRUE(sender.send(base::Bytes(spoilt).first(1 + random() % spoilt.size())));
  }
  ASSERT_TRUE(balances(status_after(kDatagrams)));
  const Finished sent = trapline({"send", "inform", gateway_.v4(), "IF-MIB::linkUp"});
  EXPECT_EQ(sent.exit_code, 0) << sent.err;
  ASSERT_TRUE(gateway_.wait_until_settled());
  for (const json& event : gateway_.events()) EXPECT_TRUE(event.is_object());
}

}  // namespace
}  // namespace trapline::integration
