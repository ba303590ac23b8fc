#include "sinks/event_json_cache.h"

#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "sinks/event_json.h"
#include "tests/sinks/test_event.h"
#include "tests/support/wire.h"

namespace trapline::sinks {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): its words are what we write

class EventJsonCacheTest : public ::testing::Test {
 protected:
  // The link-down event under another id, which outlives it.
  rules::RoutedTrap event_of(std::string_view id) {
    rules::RoutedTrap event = source_.event;
    event.id = id;
    return event;
  }
  std::string cached(const rules::RoutedTrap& event) {
    std::string out = "before ";
    append_event_json(event, mibs_, &cache_, out);
    return out;
  }
  std::string plain(const rules::RoutedTrap& event) {
    std::string out = "before ";
    append_event_json(event, mibs_, nullptr, out);
    return out;
  }

  const protocol::mib::MibIndex& mibs_ = protocol::mib::MibIndex::built_in();
  TestEvent source_{link_down(), "gw-1-5f3a-17"};
  EventJsonCache cache_{mibs_};
};

TEST_F(EventJsonCacheTest, OneRenderingServesAllThreads) {
  constexpr int kEvents = 2'000;
  constexpr int kThreads = 4;
  std::vector<std::string> ids;
  for (int i = 0; i < kEvents; ++i) ids.push_back("gw-1-5f3a-" + std::to_string(i));
  std::vector<int> wrong(kThreads);
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (const std::string& id : ids) {
        const rules::RoutedTrap event = event_of(id);
        wrong[thread] += cached(event) == plain(event) ? 0 : 1;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(wrong, std::vector<int>(kThreads));
  // Ids that share a slot push each other out when threads are apart; most do not.
  EXPECT_GE(cache_.rendered(), kEvents);
  EXPECT_LT(cache_.rendered(), 2 * kEvents);
}

TEST_F(EventJsonCacheTest, WhoIsCloseBehindGetsWhatIsThere) {
  const rules::RoutedTrap event = event_of("gw-1-5f3a-1");
  EXPECT_EQ(cached(event), plain(event));
  EXPECT_EQ(cached(event), plain(event));
  EXPECT_EQ(cache_.rendered(), 1);
}

TEST_F(EventJsonCacheTest, WhoIsFarBehindGetsTheSameTextAgain) {
  const rules::RoutedTrap first = event_of("gw-1-5f3a-0");
  EXPECT_EQ(cached(first), plain(first));
  for (std::size_t i = 1; i <= 20 * EventJsonCache::kSlots; ++i) {
    const std::string id = "gw-1-5f3a-" + std::to_string(i);
    (void)cached(event_of(id));
  }
  const auto before = cache_.rendered();
  EXPECT_EQ(cached(first), plain(first));
  EXPECT_EQ(cache_.rendered(), before + 1);
}

TEST_F(EventJsonCacheTest, NeitherLongTextsNorNamelessEventsAreKept) {
  const std::string text(2 * EventJsonCache::kMostKept, 'x');
  const TestEvent large(v2c_trap({varbind("1.3.6.1.4.1.9.1", octet_string(text))}), "gw-1-5f3a-9");
  const rules::RoutedTrap nameless = event_of("");
  for (const rules::RoutedTrap& event : {large.event, nameless}) {
    const auto before = cache_.rendered();
    EXPECT_EQ(cached(event), plain(event));
    EXPECT_EQ(cached(event), plain(event));
    EXPECT_EQ(cache_.rendered(), before + 2);
  }
}

}  // namespace
}  // namespace trapline::sinks
