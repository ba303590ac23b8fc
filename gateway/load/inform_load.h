// Sends informs: a window of them outstanding, each sent again until it is answered or given up.
#pragma once

#include <atomic>
#include <functional>

#include "base/clock.h"
#include "gateway/load/load_options.h"
#include "gateway/load/load_sockets.h"
#include "gateway/load/message_source.h"

namespace trapline::gateway::load {

// Called for each inform acknowledged, as soon as that is known.
using OnAcknowledged = std::function<void(std::uint32_t sequence)>;

// Blocks until the duration or count of `options` is reached, or `stop` is set, and everything
// outstanding has been answered or given up. A receiver that dies and comes back is waited for as
// long as timeout and retries say. An inform that the full window held back counts its latency
// from when it was due.
[[nodiscard]] LoadResult send_informs(const LoadOptions& options, MessageSource& messages,
                                      LoadSockets& sockets, const base::Clock& clock,
                                      const std::atomic<bool>& stop,
                                      const OnAcknowledged& on_acknowledged);

}  // namespace trapline::gateway::load
