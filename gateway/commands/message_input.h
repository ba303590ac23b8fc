// The messages in what a user hands over: a capture, a binary file, or hexadecimal text.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/ip_address.h"

namespace trapline::gateway {

// One SNMP message, with what is known about its way. Views the input.
struct InputMessage {
  std::string place;  // "packet 7", "line 3", or empty
  base::Bytes datagram;
  base::Endpoint peer;
  base::Endpoint local;
  base::WallTime time;
  bool from_capture = false;
};

// What an input held.
struct InputSummary {
  std::uint64_t messages = 0;
  std::uint64_t skipped = 0;  // packets that hold no SNMP message, of captures
  std::string problem;        // what ended the reading early; empty when nothing did
};

// Calls `use` for each message of `input`, in order. Captures yield UDP payloads that begin like an
// SNMP message or went to the ports 162 or 1162. Hexadecimal text yields a message wherever a line
// ends and the outer length is reached; lines that begin with # are comments. Anything else is one
// binary message. Pure.
InputSummary for_each_message(base::Bytes input,
                              const std::function<void(const InputMessage&)>& use);

}  // namespace trapline::gateway
