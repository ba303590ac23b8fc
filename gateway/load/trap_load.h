// Sends traps: flat out, or paced by absolute deadlines.
#pragma once

#include <atomic>

#include "base/clock.h"
#include "gateway/load/load_options.h"
#include "gateway/load/load_sockets.h"
#include "gateway/load/message_source.h"

namespace trapline::gateway::load {

// Blocks until the duration or count of `options` is reached, or `stop` is set (by a signal
// handler, say). Sequence numbers are 0 to `sent` - 1 in the order sent. Flat out, the source port
// changes with each batch; paced, with each notification.
[[nodiscard]] LoadResult send_traps(const LoadOptions& options, MessageSource& messages,
                                    LoadSockets& sockets, const base::Clock& clock,
                                    const std::atomic<bool>& stop);

}  // namespace trapline::gateway::load
