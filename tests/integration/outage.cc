#include "tests/integration/outage.h"

#include <cstdio>
#include <cstdlib>

#include <gmock/gmock.h>

namespace trapline::integration {

using nlohmann::json;
using test_support::trapline_binary;
using test_support::wait_until;
using ::testing::IsEmpty;

int outage_secs() {
  const char* const wanted = std::getenv("TRAPLINE_OUTAGE_SECS");
  return wanted != nullptr ? std::atoi(wanted) : 1;
}

void OutageTest::start_gateway(const std::string& configuration) {
  gateway_.config_path = scratch_.write(
      "trapline.yaml",
      "node: gw-1\ndata_dir: " + gateway_.data_dir() + "\nlisteners:\n  - udp: " + gateway_.v4() +
          "\n  - udp: \"" + gateway_.v6() +
          "\"\ncommunities: [ { name: default, community: public } ]\n" + configuration);
  ASSERT_TRUE(gateway_.start()) << gateway_.log();
}

void OutageTest::restart_killed() {
  gateway_.kill();
  ASSERT_TRUE(gateway_.start()) << gateway_.log();
}

std::int64_t OutageTest::figure(const std::string& sink, const char* name) const {
  const json status = gateway_.status();
  if (!status.is_object()) return -1;
  for (const json& each : status["sinks"]) {
    if (each["name"] == sink) return each[name];
  }
  return -1;
}

void OutageTest::start_load() {
  for (const std::string& target : {gateway_.v4(), gateway_.v6()}) {
    acked_.push_back(scratch_ / ("acked-" + std::to_string(acked_.size())));
    loads_.push_back(std::make_unique<Process>(std::vector<std::string>{
        trapline_binary(), "bench", "--json", "--target", target, "--kind", "inform", "--rate",
        std::to_string(kPerSec), "--count", std::to_string(kPerSec * (outage_secs() * 3 / 2 + 1)),
        "--window", "2000", "--timeout-ms", "250", "--retries", "400", "--acked", acked_.back()}));
  }
}

void OutageTest::finish_load() {
  for (const auto& load : loads_) {
    ASSERT_EQ(load->wait(kPatience), 0) << load->err();
    EXPECT_EQ(json::parse(load->out())["unanswered"], 0) << load->out();
  }
  loads_.clear();
}

void OutageTest::outage(const std::string& sink, const std::string& other,
                        const std::function<void()>& away, const std::function<void()>& back) {
  const std::int64_t before = figure(sink, "delivered");
  start_load();
  ASSERT_TRUE(wait_until([&] { return figure(sink, "delivered") > before; })) << sink;
  away();
  const std::int64_t elsewhere = figure(other, "delivered");
  const auto is_long_enough = [&] {
    return figure(sink, "pending") >= 2 * kPerSec * outage_secs() &&
           figure(other, "delivered") > elsewhere;
  };
  ASSERT_TRUE(wait_until(is_long_enough, kPatience)) << sink << gateway_.status();
  back();
  ASSERT_NO_FATAL_FAILURE(finish_load());
}

void OutageTest::print(const std::string& name, const DeliveryAudit& audit) {
  std::printf("%s: %zu events, %llu repeated\n", name.c_str(), audit.ids().size(),
              static_cast<unsigned long long>(audit.repeated()));
}

void OutageTest::expect_whole(const std::string& name, const DeliveryAudit& audit) const {
  EXPECT_THAT(audit.mistakes(), IsEmpty()) << name;
  for (const std::string& acked : acked_) EXPECT_EQ(audit.missing_of(acked), 0U) << name;
  print(name, audit);
}

}  // namespace trapline::integration
