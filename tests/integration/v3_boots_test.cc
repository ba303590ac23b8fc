// snmpEngineBoots rises with every start that could have answered anybody, whenever it is killed.

#include <cstdlib>
#include <random>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>

#include "tests/integration/running_gateway.h"

namespace trapline::integration {
namespace {

using namespace std::chrono_literals;
using test_support::ScratchDirectory;

// The boots that each process has told in its log, in order.
std::vector<long> logged_boots(const std::string& log) {
  constexpr std::string_view kField = "engine_boots=";
  std::vector<long> boots;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t at = line.find(kField);
    if (line.find("id=v3.engine ") == std::string::npos || at == std::string::npos) continue;
    boots.push_back(std::strtol(line.c_str() + at + kField.size(), nullptr, 10));
  }
  return boots;
}

TEST(EngineBoots, RiseStrictlyOverKilledStarts) {
  const char* const wanted = std::getenv("TRAPLINE_BOOTS_STARTS");
  const int starts = wanted != nullptr ? std::atoi(wanted) : 20;
  const char* const repeated = std::getenv("TRAPLINE_SEED");
  const std::uint64_t seed =
      repeated != nullptr ? std::strtoull(repeated, nullptr, 10) : std::random_device()();
  std::printf("TRAPLINE_SEED=%llu repeats the moments\n", static_cast<unsigned long long>(seed));
  std::mt19937_64 random(seed);
  const ScratchDirectory scratch;
  RunningGateway gateway(scratch.path());
  gateway.config_path =
      scratch.write("trapline.yaml", "data_dir: " + gateway.data_dir() + "\nlisteners:\n  - udp: " +
                                         gateway.v4() + "\nv3: { users: [{ name: noc }] }\n");
  ASSERT_TRUE(gateway.start()) << gateway.log();
  std::string engine_id = gateway.status()["v3"]["engine_id"];
  gateway.kill();
  std::chrono::milliseconds whole = 100ms;  // what the last whole start took
  for (int i = 0; i < starts; ++i) {
    const bool to_its_end = i % 4 == 0;
    const auto began = std::chrono::steady_clock::now();
    const auto moment = std::chrono::milliseconds(random() % static_cast<unsigned>(whole.count()));
    const bool ready = gateway.start(to_its_end ? test_support::kPatience : moment);
    if (ready && to_its_end) {
      const auto took = std::chrono::steady_clock::now() - began;
      whole = std::chrono::ceil<std::chrono::milliseconds>(2 * took);
    }
    gateway.kill();
  }
  ASSERT_TRUE(gateway.start()) << gateway.log();
  const nlohmann::json status = gateway.status();
  EXPECT_EQ(status["v3"]["engine_id"], engine_id);
  const std::vector<long> boots = logged_boots(gateway.log());
  ASSERT_GT(boots.size(), static_cast<std::size_t>(starts) / 4) << gateway.log();
  for (std::size_t i = 1; i < boots.size(); ++i) EXPECT_GT(boots[i], boots[i - 1]) << i;
  EXPECT_EQ(status["v3"]["engine_boots"], boots.back());
  std::printf("%d starts killed, %zu of them after they had counted\n", starts, boots.size() - 2);
  EXPECT_EQ(gateway.stop(), 0);
}

}  // namespace
}  // namespace trapline::integration
