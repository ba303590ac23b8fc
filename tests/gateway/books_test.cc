#include "gateway/books.h"

#include <gtest/gtest.h>

namespace trapline::gateway {
namespace {

journal::Standing standing(std::uint64_t last, std::uint64_t events, std::uint64_t decided) {
  journal::Standing made;
  made.last = journal::Lsn{last};
  made.events = events;
  made.decided = decided;
  return made;
}

BookSources at_rest(const journal::Standing& now) {
  BookSources sources;
  sources.reception.received = 10;
  sources.reception.accepted = 10;
  sources.router = {now.last, 13, 0};
  return sources;
}

TEST(Books, BalanceAtRestWithEventsRecoveredAtStart) {
  const auto start = standing(200, 100, 97);
  auto now = standing(230, 110, 110);
  now.sinks["file"] = {journal::Lsn{230}, {}, 110, 0, 0, 0};
  auto sources = at_rest(now);
  SinkReport report;
  report.name = "file";
  report.position_lsn = 230;
  report.delivered = 110;
  sources.sinks.push_back(report);
  const Books books = make_books(sources, start, now);
  EXPECT_EQ(books.recovered, 3U);
  EXPECT_EQ(books.decided, 13U);
  EXPECT_EQ(books.awaiting, 0U);
  EXPECT_EQ(books.sinks[0].pending, 0U);
  EXPECT_TRUE(books.balance());
}

TEST(Books, AnEventTheRouterNeverSawShowsAsSoonAsItHasReadEverything) {
  const auto start = standing(200, 100, 97);
  const auto now = standing(230, 110, 109);
  auto sources = at_rest(now);
  sources.router.read = 12;
  EXPECT_EQ(make_books(sources, start, now).decision_difference, 1);
  sources.router.position = journal::Lsn{229};
  EXPECT_EQ(make_books(sources, start, now).awaiting, 1U)
      << "while it is behind, the event is awaiting";
  EXPECT_TRUE(make_books(sources, start, now).balance());
}

TEST(Books, AnEventASinkNeverGotShowsAsSoonAsItHasReadEverything) {
  const auto start = standing(0, 0, 0);
  auto now = standing(20, 10, 10);
  now.sinks["file"] = {journal::Lsn{0}, {}, 10, 0, 0, 0};
  auto sources = at_rest(now);
  sources.router = {now.last, 10, 0};
  SinkReport report;
  report.name = "file";
  report.position_lsn = 20;
  report.delivered = 6;
  report.in_hand = 3;
  sources.sinks.push_back(report);
  EXPECT_EQ(make_books(sources, start, now).sinks[0].difference, 1);
  EXPECT_FALSE(make_books(sources, start, now).balance());
  sources.sinks[0].position_lsn = 19;
  EXPECT_EQ(make_books(sources, start, now).sinks[0].pending, 4U);
  EXPECT_TRUE(make_books(sources, start, now).balance());
}

TEST(Books, ADatagramWithoutAFateIsADifference) {
  ReceptionCounts counts;
  counts.received = 3;
  counts.malformed[0] = 1;
  counts.in_flight = 1;
  EXPECT_EQ(counts.difference(), 1);
}

}  // namespace
}  // namespace trapline::gateway
