// Events as syslog messages (RFC 5424 §6).
#pragma once

#include <string>
#include <string_view>

#include "protocol/mib/mib_index.h"
#include "rules/routed_trap.h"
#include "sinks/event_json_cache.h"
#include "sinks/syslog_options.h"

namespace trapline::sinks {

// Appends `event` to `out` as one message of at most `options.max_bytes` octets, without framing.
//
// PRI: the facility, and the severity by RFC 5674 §2 (critical 1, major 2, minor 3, warning 4,
// cleared 5; info 6). TIMESTAMP: when it was received. MSGID: the notification's name, if that is
// not too long. Structured data: `trapline@N` with id, severity, state, agent, oid, trap, key and
// peer, `tags@N` with the tags. MSG: summary and variable bindings as text, or the event's JSON;
// behind a BOM when it is not plain ASCII.
//
// What does not fit is left out, parameters of each element from its end; `shortened` in the
// structured data then says how many octets the whole MSG would have had. JSON is not cut: the text
// takes its place; it comes by way of `cache` when there is one. No octet of an event ends a line
// or a quotation. Any thread.
void append_syslog_message(const rules::RoutedTrap& event, const SyslogSinkOptions& options,
                           const protocol::mib::MibIndex& mibs, std::string& out,
                           EventJsonCache* cache = nullptr);

// The node of an event id "<node>-<epoch>-<LSN>"; "-" when it is not one.
[[nodiscard]] std::string_view node_of_id(std::string_view id);

}  // namespace trapline::sinks
