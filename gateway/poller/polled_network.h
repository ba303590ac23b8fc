// How the devices of a network are asked.
#pragma once

#include <cstdint>
#include <memory>

#include "base/ip_address.h"
#include "gateway/poller/poll_access.h"

namespace trapline::gateway {

// Plain value.
struct PolledNetwork {
  base::IpPrefix match;
  std::uint16_t port = 161;
  std::shared_ptr<const PollAccess> access;  // never null
};

}  // namespace trapline::gateway
