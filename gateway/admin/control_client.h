// Asking a running gateway, from the command line.
#pragma once

#include <chrono>
#include <string>

#include "base/result.h"

namespace trapline::gateway {

// A gateway's answer.
struct ControlReply {
  unsigned status = 0;
  std::string body;
};

// GET `target` on the control socket at `path`. Blocks for `timeout` in all, at most. When nobody
// answers, says why and what to do. Any thread.
[[nodiscard]] base::Result<ControlReply, std::string> control_get(
    const std::string& path, const std::string& target, std::chrono::milliseconds timeout);

// The same with a POST of `body`.
[[nodiscard]] base::Result<ControlReply, std::string> control_post(
    const std::string& path, const std::string& target, const std::string& body,
    std::chrono::milliseconds timeout);

}  // namespace trapline::gateway
