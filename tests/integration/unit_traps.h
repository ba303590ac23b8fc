// Units that break and are mended: traps of a test's own, and the rules that make problems of them.
#pragma once

#include <gtest/gtest.h>

#include "tests/integration/datagram_sender.h"
#include "tests/support/wire.h"

namespace trapline::integration {

inline constexpr const char* kUnitDown = "1.3.6.1.4.1.8072.9999.1";
inline constexpr const char* kUnitUp = "1.3.6.1.4.1.8072.9999.2";

inline constexpr const char* kUnitRules = R"(
rules:
  - name: down
    match: 1.3.6.1.4.1.8072.9999.1
    set:
      severity: critical
      key: 'unit/{{ vars.ifIndex }}'
      summary: 'unit {{ vars.ifIndex }} is down'
    state: raise
  - name: up
    match: 1.3.6.1.4.1.8072.9999.2
    set:
      severity: cleared
      key: 'unit/{{ vars.ifIndex }}'
      summary: 'unit {{ vars.ifIndex }} is up'
    state: clear
)";

// One trap of each unit from `first` to `last`.
inline void send_of_units(const DatagramSender& sender, const char* notification, int first,
                          int last) {
  using namespace test_support;  // NOLINT(google-build-using-namespace)
  for (int unit = first; unit <= last; ++unit) {
    ASSERT_TRUE(sender.send(message(1, pdu_v2(0xa7, unit,
                                              {uptime_varbind(), trap_oid_varbind(notification),
                                               varbind("1.3.6.1.2.1.2.2.1.1.1", integer(unit))}))));
  }
}

}  // namespace trapline::integration
