#include "gateway/status.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace trapline::gateway {
namespace {

using namespace std::chrono_literals;

TEST(Status, ASinkTellsWhenItFailedLast) {
  StatusReport report;
  report.books.sinks.resize(2);
  report.books.sinks[0].report.name = "well";
  report.books.sinks[1].report.name = "archive";
  report.books.sinks[1].report.last_error = "disk full";
  report.books.sinks[1].report.last_error_at = base::WallTime(1'767'225'600s);
  const auto sinks = nlohmann::json::parse(status_json(report))["sinks"];
  ASSERT_EQ(sinks.size(), 2U);
  EXPECT_EQ(sinks[0]["last_error"], "");
  EXPECT_EQ(sinks[0]["last_error_at"], "");
  EXPECT_EQ(sinks[1]["last_error"], "disk full");
  EXPECT_EQ(sinks[1]["last_error_at"], "2026-01-01T00:00:00.000000Z");
}

}  // namespace
}  // namespace trapline::gateway
