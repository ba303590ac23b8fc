#include "tests/sinks/test_event.h"

#include <cstdlib>
#include <utility>

namespace trapline::sinks {

using namespace test_support;  // NOLINT(google-build-using-namespace): its words are what we write

TestEvent::TestEvent(Octets datagram, std::string id)
    : datagram_(std::move(datagram)), id_(std::move(id)) {
  const auto decoded = protocol::decode(datagram_, protocol::kHighestMaxVarbinds, scratch_);
  if (!decoded) std::abort();
  event.id = id_;
  event.message = decoded->message;
  event.message.peer = *base::Endpoint::parse("10.1.2.3:34567");
  event.message.local = *base::Endpoint::parse("10.0.0.1:162");
  event.message.agent = event.message.peer.ip;
  event.message.listener = "0.0.0.0:162";
  event.message.community = "core";
  event.message.received_at = base::WallTime(std::chrono::nanoseconds(1'767'225'600'123'456'789));
}

Octets link_down() {
  return v2c_trap({varbind("1.3.6.1.2.1.2.2.1.1.7", integer(7)),
                   varbind("1.3.6.1.2.1.2.2.1.7.7", integer(1)),
                   varbind("1.3.6.1.2.1.2.2.1.8.7", integer(2)),
                   varbind("1.3.6.1.2.1.2.2.1.2.7", octet_string("GigabitEthernet0/7"))});
}

Octets trap_with_value(const Octets& value, std::string_view name) {
  return v2c_trap({varbind(name, value)});
}

Octets trap_with_text(std::string_view octets) { return trap_with_value(octet_string(octets)); }

}  // namespace trapline::sinks
