// Events for the tests of sinks: decoded from real encodings, owning what they view.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/decode.h"
#include "rules/routed_trap.h"
#include "tests/support/wire.h"

namespace trapline::sinks {

// A notification that came from 10.1.2.3:34567 to 10.0.0.1:162 at 2026-01-01 00:00:00.123456789.
class TestEvent {
 public:
  // From a whole message. Fails the process when it does not decode.
  TestEvent(test_support::Octets datagram, std::string id);
  TestEvent(const TestEvent&) = delete;
  TestEvent& operator=(const TestEvent&) = delete;

  // May be changed; what is put there must live as long as it is used.
  rules::RoutedTrap event;

 private:
  const test_support::Octets datagram_;
  const std::string id_;
  protocol::DecodeScratch scratch_;
};

// A v2c linkDown of interface 7 with four objects.
[[nodiscard]] test_support::Octets link_down();
// A v2c trap with one octet string, a value without a MIB.
[[nodiscard]] test_support::Octets trap_with_text(std::string_view octets);
// An element of the tag and content given.
[[nodiscard]] test_support::Octets trap_with_value(const test_support::Octets& value,
                                                   std::string_view name = "1.3.6.1.4.1.9.1.1");

}  // namespace trapline::sinks
