// The file that the control socket is: making it, and telling a live one from one left behind.
#pragma once

#include <string>

#include "base/result.h"

namespace trapline::gateway {

// Where the gateway with this data directory answers.
[[nodiscard]] std::string control_socket_path(const std::string& data_dir);

// A listening, non-blocking Unix socket at `path`, mode 0600 from its first moment. The caller owns
// the descriptor. A socket file left behind is replaced, any other file and a socket in use are
// not: then the reason, with what to do.
[[nodiscard]] base::Result<int, std::string> listen_on_control_socket(const std::string& path);

}  // namespace trapline::gateway
