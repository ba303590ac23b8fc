// Microsoft Teams: an Adaptive Card for a Workflows URL. Texts are RichTextBlocks, which know no
// markup.
#include "base/json_writer.h"
#include "sinks/webhook_formats/event_words.h"
#include "sinks/webhook_formats/webhook_format.h"

namespace trapline::sinks {
namespace {

// 28 KB are documented, and cards of 14 to 21 KB have been refused.
constexpr std::size_t kMostBody = 14'000;
constexpr std::size_t kMostTitle = 500;
constexpr std::size_t kMostLine = 300;
// What one line may take when each of its octets is escaped, and what closes the card.
constexpr std::size_t kRoomForLine = 6 * (2 * kMostLine + 3) + 512;

void put_line(base::JsonWriter& json, std::string_view text, bool title) {
  json.begin_object();
  json.key("type"), json.plain("RichTextBlock");
  json.key("inlines"), json.begin_array();
  json.begin_object();
  json.key("type"), json.plain("TextRun");
  if (title) {
    json.key("size"), json.plain("large");
    json.key("weight"), json.plain("bolder");
  }
  json.key("text"), json.value(text);
  json.end_object();
  json.end_array();
  json.end_object();
}

void put_objects(base::JsonWriter& json, const rules::RoutedTrap& event,
                 const protocol::mib::MibIndex& mibs, const std::string& body) {
  std::size_t left = event.message.varbinds.size();
  for (const protocol::VarBind& varbind : event.message.varbinds) {
    if (body.size() + kRoomForLine > kMostBody) {
      return put_line(json, "and " + std::to_string(left) + " more objects", false);
    }
    --left;
    put_line(json,
             cut_to(object_name_of(varbind, mibs), kMostLine) + " = " +
                 cut_to(value_text_of(varbind, mibs), kMostLine),
             false);
  }
}

}  // namespace

WebhookPiece teams_piece(const rules::RoutedTrap& event, const protocol::mib::MibIndex& mibs) {
  WebhookPiece piece;
  base::JsonWriter json(piece.body);
  json.begin_object();
  json.key("type"), json.plain("message");
  json.key("attachments"), json.begin_array();
  json.begin_object();
  json.key("contentType"), json.plain("application/vnd.microsoft.card.adaptive");
  json.key("content"), json.begin_object();
  json.key("$schema"), json.plain("http://adaptivecards.io/schemas/adaptive-card.json");
  json.key("type"), json.plain("AdaptiveCard");
  json.key("version"), json.plain("1.4");
  json.key("body"), json.begin_array();
  put_line(json, cut_to(summary_of(event, mibs), kMostTitle), true);
  put_line(json,
           std::string(name_of(event.verdict.severity)) + ", " +
               std::string(name_of(event.verdict.state)) + ", " +
               cut_to(trap_name_of(event, mibs), kMostLine) + ", agent " +
               event.message.agent.to_string(),
           false);
  put_line(json, cut_to(event.id, kMostLine) + " at " + time_of(event.message.received_at), false);
  put_objects(json, event, mibs, piece.body);
  json.end_array();
  json.end_object();
  json.end_object();
  json.end_array();
  json.end_object();
  return piece;
}

}  // namespace trapline::sinks
