#include "gateway/load/mark_audit.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace trapline::gateway::load {
namespace {

constexpr std::uint32_t kRun = 0xabcd;

// An event as a sink writes it, as far as the audit looks.
std::string line(std::uint64_t lsn, const Mark& mark) {
  std::array<char, kMarkBytes> text{};
  write_mark(mark, text);
  return R"({"schema":1,"id":"gw-1-0badcafe-)" + std::to_string(lsn) +
         R"(","varbinds":[{"text":")" + std::string(text.data(), text.size()) + R"("}]})";
}

TEST(MarkAudit, FindsNothingWrongWithAllInOrder) {
  MarkAudit audit;
  for (std::uint32_t i = 0; i < 100; ++i) audit.take(line(i + 1, {kRun, 0, i}));
  const RunAudit& run = audit.runs().at(kRun);
  EXPECT_EQ(run.found, 100U);
  EXPECT_EQ(run.missing() + run.repeated + run.out_of_order + run.out_of_order_source, 0U);
  EXPECT_EQ(audit.torn_lines() + audit.repeated_ids() + audit.unmarked_lines(), 0U);
}

TEST(MarkAudit, CountsWhatIsMissing) {
  MarkAudit audit;
  audit.take(line(1, {kRun, 0, 0}));
  audit.take(line(2, {kRun, 0, 4}));
  EXPECT_EQ(audit.runs().at(kRun).missing(), 3U);
  audit.expect(kRun, 10);
  EXPECT_EQ(audit.runs().at(kRun).missing(), 8U);
  EXPECT_EQ(audit.count_missing(kRun, {0, 4, 5, 1'000}), 2U);
  EXPECT_EQ(audit.count_missing(0x1234, {0, 4}), 2U);
}

TEST(MarkAudit, CountsRepeatedNotificationsAndIdsApart) {
  MarkAudit audit;
  audit.take(line(1, {kRun, 0, 0}));
  audit.take(line(2, {kRun, 0, 0}));  // one notification with two ids
  audit.take(line(2, {kRun, 0, 1}));  // one id twice
  EXPECT_EQ(audit.runs().at(kRun).repeated, 1U);
  EXPECT_EQ(audit.repeated_ids(), 1U);
}

TEST(MarkAudit, CountsDisorderOfTheRunAndOfEachSource) {
  MarkAudit audit;
  audit.take(line(1, {kRun, 0, 1}));
  audit.take(line(2, {kRun, 1, 0}));  // behind another source's
  audit.take(line(3, {kRun, 0, 3}));
  audit.take(line(4, {kRun, 0, 2}));  // behind its own source's
  EXPECT_EQ(audit.runs().at(kRun).out_of_order, 2U);
  EXPECT_EQ(audit.runs().at(kRun).out_of_order_source, 1U);
}

TEST(MarkAudit, KeepsRunsApart) {
  MarkAudit audit;
  audit.take(line(1, {1, 0, 0}));
  audit.take(line(2, {2, 0, 0}));
  audit.take(R"({"id":"gw-1-0badcafe-3"})");
  EXPECT_EQ(audit.runs().size(), 2U);
  EXPECT_EQ(audit.unmarked_lines(), 1U);
}

TEST(MarkAudit, ALineThatIsNotWholeIsTorn) {
  const std::string whole = line(1, {kRun, 0, 0});
  EXPECT_TRUE(is_whole_object(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(is_whole_object(whole.substr(0, size)));
  }
  EXPECT_FALSE(is_whole_object(whole + whole));
  EXPECT_TRUE(is_whole_object(R"({"text":"\"}{\\"})"));
}

}  // namespace
}  // namespace trapline::gateway::load
