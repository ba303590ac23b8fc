// Slack incoming webhooks: Block Kit with a header, the facts, the objects, and where it came from.
#include <algorithm>

#include "base/json_writer.h"
#include "sinks/webhook_formats/event_words.h"
#include "sinks/webhook_formats/webhook_format.h"

namespace trapline::sinks {
namespace {

constexpr std::size_t kMostHeader = 150;
constexpr std::size_t kMostText = 3'000;

// "&", "<" and ">" as entities: the only characters with which text becomes a link or a mention.
std::string entities(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      default: out += c;
    }
  }
  return out;
}

// Cut so that it is at most `most` octets with its entities, none of them cut in two.
std::string escaped_to(std::string_view text, std::size_t most) {
  std::size_t keep = most;
  std::string out = entities(cut_to(text, keep));
  while (out.size() > most) {
    keep -= std::max<std::size_t>((out.size() - most) / 5, 1);
    out = entities(cut_to(text, keep));
  }
  return out;
}

void put_text(base::JsonWriter& json, std::string_view type, std::string_view text) {
  json.begin_object();
  json.key("type"), json.plain(type);
  json.key("text"), json.value(text);
  json.end_object();
}

void put_block(base::JsonWriter& json, std::string_view kind, std::string_view type,
               std::string_view text) {
  json.begin_object();
  json.key("type"), json.plain(kind);
  json.key("text"), put_text(json, type, text);
  json.end_object();
}

std::string facts(const rules::RoutedTrap& event, const protocol::mib::MibIndex& mibs) {
  return "agent " + event.message.agent.to_string() + "\n" + trap_name_of(event, mibs) + "\n" +
         std::string(name_of(event.verdict.severity)) + ", " +
         std::string(name_of(event.verdict.state));
}

std::string objects(const rules::RoutedTrap& event, const protocol::mib::MibIndex& mibs) {
  std::string out;
  for (const protocol::VarBind& varbind : event.message.varbinds) {
    if (out.size() > kMostText) break;
    out += object_name_of(varbind, mibs) + " = " + value_text_of(varbind, mibs) + "\n";
  }
  return out;
}

}  // namespace

WebhookPiece slack_piece(const rules::RoutedTrap& event, const protocol::mib::MibIndex& mibs) {
  WebhookPiece piece;
  const std::string title =
      "[" + std::string(name_of(event.verdict.severity)) + "] " + summary_of(event, mibs);
  base::JsonWriter json(piece.body);
  json.begin_object();
  json.key("text"), json.value(escaped_to(title, kMostText));
  json.key("blocks"), json.begin_array();
  put_block(json, "header", "plain_text", cut_to(title, kMostHeader));
  put_block(json, "section", "mrkdwn", escaped_to(facts(event, mibs), kMostText));
  if (const std::string text = objects(event, mibs); !text.empty()) {
    put_block(json, "section", "mrkdwn", escaped_to(text, kMostText));
  }
  json.begin_object();
  json.key("type"), json.plain("context");
  json.key("elements"), json.begin_array();
  put_text(json, "mrkdwn",
           escaped_to(std::string(event.id) + " at " + time_of(event.message.received_at), 300));
  json.end_array();
  json.end_object();
  json.end_array();
  json.end_object();
  return piece;
}

}  // namespace trapline::sinks
