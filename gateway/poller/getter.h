// Getter: how the rest of the gateway asks a device for values. Poller is the one that does; tests
// have their own.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "gateway/poller/poll_access.h"
#include "gateway/poller/polled_varbind.h"
#include "protocol/oid.h"

namespace trapline::gateway {

// Whom to ask and how. Plain value; copies share `access`, which is never null.
struct Device {
  base::Endpoint address;
  std::shared_ptr<const PollAccess> access;
  std::chrono::milliseconds timeout{1'000};  // of each attempt
  unsigned retries = 1;                      // attempts beyond the first
};

enum class GetOutcome : std::uint8_t {
  answered,      // values stand for all names; some may be exceptions
  error_status,  // the device answered with an error: `error_status` and `error_index`
  no_answer,     // nothing that fits came within all attempts
  malformed,     // what came cannot be read, or answers another question
  report,        // SNMPv3: a Report refused the question (user, level, digest, decryption)
  unreachable,   // the network would not take the datagram
  overloaded,    // too many questions wait already: it was not asked
};
// "answered", "error_status", ... : what counters and logs show.
[[nodiscard]] std::string_view name_of(GetOutcome outcome);

// Plain value, owning everything.
struct GetAnswer {
  GetOutcome outcome = GetOutcome::no_answer;
  // When answered: as many as were asked, in that order, with the names asked. What the device does
  // not have is an exception (is_exception), also when it said so in SNMPv1's way.
  std::vector<PolledVarBind> values;
  std::int32_t error_status = 0;        // of RFC 3416 §3, when outcome is error_status
  std::size_t error_index = 0;          // 1 for the first name; 0 when it points at none
  std::string reason;                   // one line for people; empty when answered
  std::chrono::nanoseconds latency{0};  // from the question's first datagram to its end
};

// Thread: everything here happens on one thread, the poller's (the one that runs its io_context).
// `get` is called on it; `done` is called on it, exactly once for each `get`, and never from within
// `get` itself. `done` may call `get`. Another thread posts to that io_context first.
//
// When the Getter dies, what is still open is never answered; `done` is destroyed uncalled.
class Getter {
 public:
  virtual ~Getter() = default;

  // Asks `device` for the instances `names` (1 to kMaxNamesPerGet), in one PDU if it fits there,
  // else in several. It ends within (1 + retries) × timeout per PDU once sent, and one timeout more
  // for each Report of SNMPv3 that taught something (three at most); before that it may wait for
  // its turn, so a caller with a deadline keeps its own.
  virtual void get(const Device& device, std::vector<protocol::Oid> names,
                   std::function<void(GetAnswer)> done) = 0;
};

inline constexpr std::size_t kMaxNamesPerGet = 128;

}  // namespace trapline::gateway
