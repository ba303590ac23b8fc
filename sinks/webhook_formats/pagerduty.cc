// PagerDuty, Events API v2: a raise triggers, a clear resolves what has the same dedup_key.
#include <cstdint>

#include "base/json_writer.h"
#include "sinks/webhook_formats/event_words.h"
#include "sinks/webhook_formats/webhook_format.h"

namespace trapline::sinks {
namespace {

constexpr std::size_t kMostSummary = 1'024;
constexpr std::size_t kMostKey = 255;
constexpr std::size_t kMostValue = 2'048;
constexpr std::size_t kMostBody = 128UL * 1'024;  // escaped; PagerDuty takes 512 KB

std::string_view severity_of(rules::Severity severity) {
  switch (severity) {
    case rules::Severity::critical: return "critical";
    case rules::Severity::major: return "error";
    case rules::Severity::minor:
    case rules::Severity::warning: return "warning";
    default: return "info";
  }
}

void put_details(base::JsonWriter& json, const rules::RoutedTrap& event,
                 const protocol::mib::MibIndex& mibs, const std::string& body) {
  json.begin_object();
  json.key("id"), json.value(event.id);
  json.key("agent"), json.value(std::string_view(event.message.agent.to_string()));
  json.key("severity"), json.value(name_of(event.verdict.severity));
  json.key("varbinds"), json.begin_array();
  std::size_t left_out = event.message.varbinds.size();
  for (const protocol::VarBind& varbind : event.message.varbinds) {
    if (body.size() > kMostBody) break;
    --left_out;
    json.value(std::string_view(object_name_of(varbind, mibs) + " = " +
                                cut_to(value_text_of(varbind, mibs), kMostValue)));
  }
  json.end_array();
  if (left_out != 0) json.key("varbinds_left_out"), json.value(std::uint64_t{left_out});
  json.key("tags"), json.begin_array();
  for (const rules::Tag& tag : event.verdict.tags) {
    if (body.size() > kMostBody) break;
    json.value(
        std::string_view(cut_to(tag.name, kMostValue) + "=" + cut_to(tag.value, kMostValue)));
  }
  json.end_array();
  json.end_object();
}

}  // namespace

WebhookPiece pagerduty_piece(const rules::RoutedTrap& event, const protocol::mib::MibIndex& mibs,
                             std::string_view routing_key) {
  WebhookPiece piece;
  const bool clear = event.verdict.state == rules::State::clear;
  base::JsonWriter json(piece.body);
  json.begin_object();
  json.key("routing_key"), json.value(routing_key);
  json.key("event_action"), json.plain(clear ? "resolve" : "trigger");
  json.key("dedup_key"), json.value(std::string_view(cut_key_to(key_of(event), kMostKey)));
  json.key("client"), json.plain("Trapline");
  json.key("payload"), json.begin_object();
  json.key("summary"), json.value(std::string_view(cut_to(summary_of(event, mibs), kMostSummary)));
  json.key("source"), json.value(std::string_view(event.message.agent.to_string()));
  json.key("severity"), json.plain(severity_of(event.verdict.severity));
  json.key("timestamp"), json.plain(time_of(event.message.received_at));
  json.key("class"), json.value(std::string_view(trap_name_of(event, mibs)));
  json.key("custom_details");
  put_details(json, event, mibs, piece.body);
  json.end_object();
  json.end_object();
  return piece;
}

}  // namespace trapline::sinks
