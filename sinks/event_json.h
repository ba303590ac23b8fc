// The event as JSON: what file, Kafka and generic webhooks carry (docs/events.md, field by field).
#pragma once

#include <string>

#include "protocol/mib/mib_index.h"
#include "rules/routed_trap.h"

namespace trapline::sinks {

inline constexpr int kEventSchema = 1;

// Appends `event` to `out` as one JSON object on one line, without a newline. Names come from
// `mibs`. An empty id is written as "". Any thread; allocates only when `out` has to grow. The text
// is the same for the same event and index.
void append_event_json(const rules::RoutedTrap& event, const protocol::mib::MibIndex& mibs,
                       std::string& out);

}  // namespace trapline::sinks
