// What the poller keeps of one question while it waits or is under way. Part of Poller.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <vector>

#include "gateway/poller/poller.h"

namespace trapline::gateway {

// Plain value, but for its address: the tables point to it by its request-id.
struct Poller::Exchange {
  Device device;
  Question question;
  Done done;
  std::int32_t request_id = 0;
  unsigned attempts = 0;
  base::BootTime began{};
  base::BootTime deadline{};
  std::vector<std::byte> pdu;
  // Something did come: what an end without an answer tells. `unreadable` makes it malformed.
  std::string trouble;
  bool unreadable = false;

  // SNMPv3 alone.
  std::shared_ptr<V3Peer> peer;
  std::vector<std::int32_t> msg_ids;
  bool probing = false;      // the last message was a discovery probe
  bool has_met = false;      // a Report has taught something
  bool engine_told = false;  // a Report has corrected the engineID
  bool time_told = false;    // a Report has corrected boots and time
};

// Of one address and port. Gone when nothing waits and nothing is under way.
struct Poller::DeviceQueue {
  std::list<std::unique_ptr<Exchange>> waiting;  // mostly empty, and then without memory
  std::vector<std::int32_t> under_way;           // request-ids
  bool has_turn = false;
};

}  // namespace trapline::gateway
