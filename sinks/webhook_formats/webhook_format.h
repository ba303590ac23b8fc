// The bodies of webhooks: pure functions of an event, one per kind of destination.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/mib/mib_index.h"
#include "rules/routed_trap.h"
#include "sinks/event_json_cache.h"

namespace trapline::sinks {

enum class WebhookFormat : std::uint8_t {
  json,
  cloudevents,
  slack,
  pagerduty,
  alertmanager,
  teams,
  otlp
};

// One event as it goes into a request: the body itself, or an element of it where a format takes
// several at once. `headers` are for a request of one event.
struct WebhookPiece {
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

// How pieces become a body.
struct WebhookFrame {
  std::string_view content_type;
  bool takes_many = false;
  // With more than one piece, or always:
  std::string_view before, between, after;
  bool always = false;
};
// The one of a format.
[[nodiscard]] const WebhookFrame& frame_of(WebhookFormat format);

// Whether this destination is told of the event at all: pagerduty takes raise and clear only, and
// alertmanager those of them that begin, repeat or end a problem.
[[nodiscard]] bool takes(WebhookFormat format, const rules::RoutedTrap& event);

// Each renders one event; `mibs` names things. Any thread. Whatever octets an event holds, the
// result is valid JSON in valid UTF-8, within the limits of the destination; what had to be left
// out for that is said in the text.

// The event JSON (docs/events.md), by way of `cache` when there is one.
[[nodiscard]] WebhookPiece json_piece(const rules::RoutedTrap& event,
                                      const protocol::mib::MibIndex& mibs,
                                      EventJsonCache* cache = nullptr);
// CloudEvents 1.0, HTTP binary mode: attributes in `ce-` headers, percent-encoded; event JSON.
[[nodiscard]] WebhookPiece cloudevents_piece(const rules::RoutedTrap& event,
                                             const protocol::mib::MibIndex& mibs,
                                             EventJsonCache* cache = nullptr);
// A Slack incoming webhook: header of at most 150 characters, sections of at most 3,000.
[[nodiscard]] WebhookPiece slack_piece(const rules::RoutedTrap& event,
                                       const protocol::mib::MibIndex& mibs);
// PagerDuty Events API v2: summary of at most 1,024 characters, dedup_key 255, all below 512 KB.
[[nodiscard]] WebhookPiece pagerduty_piece(const rules::RoutedTrap& event,
                                           const protocol::mib::MibIndex& mibs,
                                           std::string_view routing_key);
// An alert of Alertmanager, from a verdict with labels: one that fires, or with a clear one that
// has ended. The same set of labels for all that has to do with one problem.
[[nodiscard]] WebhookPiece alertmanager_piece(const rules::RoutedTrap& event);
// The alert of a problem that is raised now.
[[nodiscard]] std::string alertmanager_alert(const rules::Problem& problem);
// A Teams workflow: an Adaptive Card of at most 14,000 octets.
[[nodiscard]] WebhookPiece teams_piece(const rules::RoutedTrap& event,
                                       const protocol::mib::MibIndex& mibs);
// A log record of OpenTelemetry, OTLP/HTTP with JSON encoding.
[[nodiscard]] WebhookPiece otlp_piece(const rules::RoutedTrap& event,
                                      const protocol::mib::MibIndex& mibs);

}  // namespace trapline::sinks
