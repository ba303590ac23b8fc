// As whom a device is asked: a community, or an SNMPv3 user with its keys.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "protocol/trap_message.h"
#include "protocol/usm/user.h"

namespace trapline::gateway {

// The SNMPv3 part: a user with its keys. Move-only.
struct V3Access {
  protocol::usm::UsmUser user;
  protocol::SecurityLevel level = protocol::SecurityLevel::no_auth_no_priv;
  std::string context_name;
  std::vector<std::byte> engine_id;  // empty: discovered, or our own
};

// Move-only; shared immutable once devices point to it, and then readable from any thread.
struct PollAccess {
  protocol::Version version = protocol::Version::v2c;
  base::Secret community;      // of v1 and v2c
  std::optional<V3Access> v3;  // when `version` is v3
};

}  // namespace trapline::gateway
