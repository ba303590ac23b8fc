// OpenTelemetry: one LogRecord in the JSON encoding of OTLP, where 64-bit integers are strings.
#include <string>

#include "base/json_writer.h"
#include "sinks/webhook_formats/event_words.h"
#include "sinks/webhook_formats/webhook_format.h"

namespace trapline::sinks {
namespace {

// SeverityNumber of the logs data model.
std::int32_t severity_number(rules::Severity severity) {
  switch (severity) {
    case rules::Severity::critical: return 21;  // FATAL
    case rules::Severity::major: return 17;     // ERROR
    case rules::Severity::minor: return 14;     // WARN2
    case rules::Severity::warning: return 13;   // WARN
    default: return 9;                          // INFO
  }
}

void put_attribute(base::JsonWriter& json, std::string_view key, std::string_view text) {
  json.begin_object();
  json.key("key"), json.value(key);
  json.key("value"), json.begin_object();
  json.key("stringValue"), json.value(text);
  json.end_object();
  json.end_object();
}

void put_attributes(base::JsonWriter& json, const rules::RoutedTrap& event,
                    const protocol::mib::MibIndex& mibs) {
  json.begin_array();
  put_attribute(json, "event.id", event.id);
  put_attribute(json, "snmp.agent", event.message.agent.to_string());
  put_attribute(json, "snmp.version", name_of(event.message.version));
  put_attribute(json, "snmp.trap", trap_name_of(event, mibs));
  put_attribute(json, "trapline.key", key_of(event));
  put_attribute(json, "trapline.state", name_of(event.verdict.state));
  for (const protocol::VarBind& varbind : event.message.varbinds) {
    put_attribute(json, "snmp.varbind." + object_name_of(varbind, mibs),
                  value_text_of(varbind, mibs));
  }
  for (const rules::Tag& tag : event.verdict.tags) {
    put_attribute(json, "trapline.tag." + std::string(tag.name), tag.value);
  }
  json.end_array();
}

}  // namespace

WebhookPiece otlp_piece(const rules::RoutedTrap& event, const protocol::mib::MibIndex& mibs) {
  WebhookPiece piece;
  const std::string time = std::to_string(event.message.received_at.time_since_epoch().count());
  base::JsonWriter json(piece.body);
  json.begin_object();
  json.key("timeUnixNano"), json.plain(time);
  json.key("observedTimeUnixNano"), json.plain(time);
  json.key("severityNumber"), json.value(severity_number(event.verdict.severity));
  json.key("severityText"), json.plain(name_of(event.verdict.severity));
  json.key("body"), json.begin_object();
  json.key("stringValue"), json.value(std::string_view(summary_of(event, mibs)));
  json.end_object();
  json.key("attributes");
  put_attributes(json, event, mibs);
  json.end_object();
  return piece;
}

}  // namespace trapline::sinks
