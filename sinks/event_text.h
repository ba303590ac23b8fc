// The event as one line of text, for a terminal or a log that people read.
#pragma once

#include <string>

#include "protocol/mib/mib_index.h"
#include "rules/routed_trap.h"

namespace trapline::sinks {

// Appends `event` to `out` without a newline: time (UTC), severity, state unless it is `event`,
// agent, notification, summary if a rule wrote one, each variable binding as NAME=VALUE, and last
// `id=ID`. Text is quoted and escaped as in JSON, so nothing in an event can end the line or move
// a cursor. Any thread; allocates only when `out` has to grow.
void append_event_text(const rules::RoutedTrap& event, const protocol::mib::MibIndex& mibs,
                       std::string& out);

}  // namespace trapline::sinks
