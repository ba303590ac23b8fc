// A gateway under load whose destinations go away and come back: what such tests share.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/integration/delivery_audit.h"
#include "tests/integration/running_gateway.h"

namespace trapline::integration {

// How long a destination is away: TRAPLINE_OUTAGE_SECS, or 1.
[[nodiscard]] int outage_secs();

// The load are informs of two agents, 127.0.0.1 and ::1, each sent until it is answered. Used by
// one thread.
class OutageTest : public ::testing::Test {
 protected:
  static constexpr int kPerSec = 500;  // of each agent
  static constexpr std::chrono::minutes kPatience{10};

  // Starts the gateway with these lines behind those that every one has.
  void start_gateway(const std::string& configuration);
  void restart_killed();
  // A figure of a sink in the status; -1 when there is none.
  [[nodiscard]] std::int64_t figure(const std::string& sink, const char* name) const;

  // Takes a destination away once it is being delivered to, until it misses what the load sends in
  // the time of an outage; the others go on.
  void outage(const std::string& sink, const std::string& other, const std::function<void()>& away,
              const std::function<void()>& back);
  // Half as long again as an outage.
  void start_load();
  void finish_load();

  // Nothing that was acknowledged is missing, and what there is, is in order.
  void expect_whole(const std::string& name, const DeliveryAudit& audit) const;
  static void print(const std::string& name, const DeliveryAudit& audit);

  test_support::ScratchDirectory scratch_;
  RunningGateway gateway_{scratch_.path()};

 private:
  std::vector<std::unique_ptr<Process>> loads_;
  std::vector<std::string> acked_;
};

}  // namespace trapline::integration
