#include "gateway/admission.h"

#include <gtest/gtest.h>

namespace trapline::gateway {
namespace {

using namespace std::chrono_literals;

base::IpAddress ip(std::string_view text) { return *base::IpAddress::parse(text); }

SourcesConfig allow(std::initializer_list<std::string_view> prefixes) {
  SourcesConfig sources;
  for (const auto prefix : prefixes) sources.allow.push_back(*base::IpPrefix::parse(prefix));
  return sources;
}

TEST(Admission, WithoutAListEveryoneMaySpeak) {
  Admission admission(SourcesConfig{}, 1);
  EXPECT_EQ(admission.admit(ip("203.0.113.9"), {}), Admitted::yes);
  EXPECT_EQ(admission.admit(ip("2001:db8::1"), {}), Admitted::yes);
}

TEST(Admission, TheListDecidesForBothFamilies) {
  Admission admission(allow({"10.0.0.0/8", "2001:db8::/32"}), 1);
  EXPECT_EQ(admission.admit(ip("10.255.0.1"), {}), Admitted::yes);
  EXPECT_EQ(admission.admit(ip("11.0.0.1"), {}), Admitted::not_allowed);
  EXPECT_EQ(admission.admit(ip("10.0.0.1"), {}), Admitted::yes);
  EXPECT_EQ(admission.admit(ip("2001:db8:1::1"), {}), Admitted::yes);
  EXPECT_EQ(admission.admit(ip("2001:db9::1"), {}), Admitted::not_allowed);
}

TEST(Admission, ABucketHoldsItsBurstAndRefillsByTheSecond) {
  SourcesConfig sources;
  sources.limit = SourceLimitConfig{10, 3};
  Admission admission(sources, 1);
  base::BootTime now{1h};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(admission.admit(ip("10.0.0.1"), now), Admitted::yes);
  EXPECT_EQ(admission.admit(ip("10.0.0.1"), now), Admitted::limited);
  EXPECT_EQ(admission.admit(ip("10.0.0.2"), now), Admitted::yes) << "another source has its own";
  now += 100ms;
  EXPECT_EQ(admission.admit(ip("10.0.0.1"), now), Admitted::yes);
  EXPECT_EQ(admission.admit(ip("10.0.0.1"), now), Admitted::limited);
  now += 1h;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(admission.admit(ip("10.0.0.1"), now), Admitted::yes);
  EXPECT_EQ(admission.admit(ip("10.0.0.1"), now), Admitted::limited) << "never over the burst";
}

TEST(Admission, AMillionForgedSourcesKeepMemoryAndTheBusySourceIsStillLimited) {
  SourcesConfig sources;
  sources.limit = SourceLimitConfig{1, 2};
  Admission admission(sources, 42);
  base::BootTime now{1h};
  std::uint64_t passed = 0;
  for (std::uint32_t i = 0; i < 1'000'000; ++i) {
    now += 1us;
    (void)admission.admit(
        base::IpAddress::v4({11, static_cast<std::uint8_t>(i >> 16),
                             static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)}),
        now);
    passed += admission.admit(ip("10.0.0.1"), now) == Admitted::yes ? 1 : 0;
  }
  EXPECT_LE(passed, 4U) << "asked every microsecond, its bucket is never the one idle longest";
}

}  // namespace
}  // namespace trapline::gateway
