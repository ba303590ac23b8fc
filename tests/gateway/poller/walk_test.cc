// Walks over an agent that is a sorted list, and over broken ones.
#include "gateway/poller/walk.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/oid_order.h"
#include "tests/gateway/poller/fake_network.h"

namespace trapline::gateway {
namespace {

using protocol::Version;
using test_support::hex;
using test_support::integer;
using test_support::varbind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class WalkTest : public ::testing::Test {
 protected:
  void walk(const char* root, Version version = Version::v2c, std::int32_t repetitions = 2) {
    device_ = device_at("192.0.2.1:161", version);
    WalkOptions options;
    options.root = *protocol::Oid::parse(root);
    options.max_repetitions = repetitions;
    Walk::begin(
        network_.poller, device_, options,
        [this](const PolledVarBind& value) { seen_.push_back(value.name.view().to_string()); },
        [this](WalkEnd end) { end_ = std::move(end); });
  }
  // The values of an agent, answered as it would, until it has nothing to say.
  void serve(const std::vector<const char*>& agent) {
    while (!network_.sent.empty()) {
      const SentRequest request = network_.take_request();
      ++requests_;
      const bool is_get = request.tag == 0xa0;
      const std::int64_t repetitions = request.tag == 0xa5 ? request.third : 1;
      const protocol::Oid asked = *protocol::Oid::parse(request.names.front());
      Octets varbinds;
      std::int64_t count = 0;
      for (const char* name : agent) {
        const auto order = protocol::lexicographic_order(*protocol::Oid::parse(name), asked);
        if (count == repetitions || (is_get ? order != 0 : order <= 0)) continue;
        varbinds = test_support::join({varbinds, varbind(name, integer(count++))});
      }
      if (count == 0) varbinds = varbind(request.names.front().c_str(), hex("82 00"));
      network_.receive(device_.address, test_support::message(
                                            1, test_support::pdu_v2(0xa2, request.id, {varbinds})));
    }
  }

  FakeNetwork network_;
  Device device_;
  std::vector<std::string> seen_;
  std::optional<WalkEnd> end_;
  int requests_ = 0;
};

TEST_F(WalkTest, EndsAtTheEndOfTheSubtree) {
  walk("1.3.6.1.2");
  serve({"1.3.6.1.1.1", "1.3.6.1.2.1", "1.3.6.1.2.9", "1.3.6.1.2.10", "1.3.6.1.3.1"});
  EXPECT_THAT(seen_, ElementsAre("1.3.6.1.2.1", "1.3.6.1.2.9", "1.3.6.1.2.10"));
  ASSERT_TRUE(end_);
  EXPECT_EQ(end_->outcome, GetOutcome::answered);
  EXPECT_EQ(requests_, 2);
}

TEST_F(WalkTest, EndsAtTheEndOfTheMibView) {
  walk("1.3.6.1.2");
  serve({"1.3.6.1.2.1", "1.3.6.1.2.2"});
  EXPECT_THAT(seen_, ElementsAre("1.3.6.1.2.1", "1.3.6.1.2.2"));
  EXPECT_EQ(end_->outcome, GetOutcome::answered);
}

TEST_F(WalkTest, AnInstanceIsAskedForItself) {
  walk("1.3.6.1.2.1");
  serve({"1.3.6.1.2.1", "1.3.6.1.2.2"});
  EXPECT_THAT(seen_, ElementsAre("1.3.6.1.2.1"));
  EXPECT_EQ(end_->values, 1U);
}

TEST_F(WalkTest, AnAgentThatGoesBackwardsIsAnError) {
  walk("1.3.6.1.2", Version::v2c, 3);
  const SentRequest request = network_.take_request();
  network_.answer(device_.address, request.id,
                  {varbind("1.3.6.1.2.5", integer(1)), varbind("1.3.6.1.2.6", integer(1)),
                   varbind("1.3.6.1.2.6", integer(1))});
  ASSERT_TRUE(end_);
  EXPECT_EQ(end_->outcome, GetOutcome::malformed);
  EXPECT_THAT(end_->reason, HasSubstr("names do not increase"));
  EXPECT_THAT(seen_, ElementsAre("1.3.6.1.2.5", "1.3.6.1.2.6"));
  EXPECT_THAT(network_.sent, IsEmpty());
}

TEST_F(WalkTest, TooBigHalvesTheRepetitions) {
  walk("1.3.6.1.2", Version::v2c, 20);
  network_.answer_error(device_.address, network_.take_request().id, 1, 0);
  EXPECT_EQ(read_request(network_.sent.front().octets).third, 10);
  serve({"1.3.6.1.2.1", "1.3.6.1.3"});
  EXPECT_THAT(seen_, ElementsAre("1.3.6.1.2.1"));
}

TEST_F(WalkTest, V1GoesByGetNextUntilNoSuchName) {
  walk("1.3.6.1.2", Version::v1);
  const SentRequest request = network_.take_request();
  EXPECT_EQ(request.tag, 0xa1);
  network_.receive(
      device_.address,
      test_support::message(
          0, test_support::pdu_v2(0xa2, request.id, {varbind("1.3.6.1.2.1", integer(1))})));
  network_.answer_error(device_.address, network_.take_request().id, 2, 1, 0);
  ASSERT_TRUE(end_);
  EXPECT_EQ(end_->outcome, GetOutcome::answered);
  EXPECT_THAT(seen_, ElementsAre("1.3.6.1.2.1"));
}

TEST_F(WalkTest, AnAnswerWithoutValuesOrWithTooManyIsAnError) {
  walk("1.3.6.1.2");
  network_.answer(device_.address, network_.take_request().id, {});
  EXPECT_THAT(end_->reason, HasSubstr("no value at all"));
  walk("1.3.6.1.2");
  network_.answer(device_.address, network_.take_request().id,
                  {varbind("1.3.6.1.2.1", integer(1)), varbind("1.3.6.1.2.2", integer(1)),
                   varbind("1.3.6.1.2.3", integer(1))});
  EXPECT_THAT(end_->reason, HasSubstr("more than the 2 asked for"));
}

}  // namespace
}  // namespace trapline::gateway
