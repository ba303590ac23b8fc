// The steps of USM (RFC 3412 §7.2, RFC 3414 §3.2) as `trapline explain` shows them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "gateway/commands/explanation.h"
#include "protocol/usm/user.h"
#include "protocol/usm/v3_trace.h"

namespace trapline::gateway {

// What the steps are told from. Plain value; views what outlives the call.
struct V3StepSource {
  const protocol::usm::V3Trace& trace;
  const protocol::usm::UsmUser* user = nullptr;  // null when not configured
  std::string own_engine;                        // in hexadecimal; empty when not known
  bool own_engine_assumed = false;               // taken from the message itself
  std::optional<std::int32_t> own_boots;         // of the gateway's last start, when known
};

// Adds the steps from the engine to the decryption, up to the one that refused the message. True
// when it goes on.
bool add_v3_steps(const V3StepSource& source, Explanation& explanation);

}  // namespace trapline::gateway
