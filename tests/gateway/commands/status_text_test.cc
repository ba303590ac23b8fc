#include "gateway/commands/status_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trapline::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kStatus = R"({"version":"0.1.0","node":"gw-1","uptime_secs":7325,
"ready":true,"trouble":"","ledger":{"received":12,"malformed":2,"refused":0,"difference":0},
"reasons":{"malformed":{"truncated":1,"oid_too_long":1},"refused":{}},"tolerances":{},
"listeners":[{"name":"a","local":"127.0.0.1:1162","kernel_drops":0}],
"sinks":[{"name":"archive","state":"running","routed":10,"last_error":""}],
"duplicate_entries":3,"journal":{"durable_lsn":20,"recovery":{"segments":1}}})";

TEST(StatusText, SectionsOfAlignedLines) {
  EXPECT_EQ(*status_text(kStatus),
            "trapline 0.1.0 on node gw-1, up 2 h 2 min, ready\n"
            "\n"
            "ledger\n"
            "  received                          12\n"
            "  malformed                          2  truncated 1, oid_too_long 1\n"
            "  refused                            0\n"
            "  difference                         0\n"
            "\n"
            "listeners\n"
            "  name  local           kernel_drops\n"
            "  a     127.0.0.1:1162  0\n"
            "\n"
            "sinks\n"
            "  name     state    routed  last_error\n"
            "  archive  running  10      -\n"
            "\n"
            "journal\n"
            "  durable_lsn                       20\n"
            "  recovery                              segments 1\n"
            "\n"
            "other\n"
            "  duplicate_entries                  3\n");
}

TEST(StatusText, TroubleAndUnbalancedBooksStandOut) {
  const auto text = status_text(
      R"({"ready":false,"trouble":"no space","ledger":{"difference":-1,"decision_difference":0}})");
  EXPECT_THAT(*text, HasSubstr("NOT READY\ntrouble: no space\n"));
  EXPECT_THAT(*text, HasSubstr("-1  MUST BE 0\n"));
  EXPECT_THAT(*text, HasSubstr("decision_difference                0\n"));
}

TEST(StatusText, NothingInItMovesACursor) {
  const auto text =
      status_text("{\"node\":\"a\\u001b[2J\",\"sinks\":[{\"last_error\":\"x\\ny\"}]}");
  EXPECT_THAT(*text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(*text, HasSubstr("x\\u000ay"));
}

TEST(StatusText, NoJsonIsNone) {
  EXPECT_FALSE(status_text("<html>"));
  EXPECT_FALSE(status_text("[1]"));
}

}  // namespace
}  // namespace trapline::gateway
