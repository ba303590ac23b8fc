// The event JSON itself, plain and as a CloudEvent (CloudEvents 1.0, HTTP protocol binding §3.1).
#include <array>

#include "sinks/event_json.h"
#include "sinks/webhook_formats/event_words.h"
#include "sinks/webhook_formats/webhook_format.h"

namespace trapline::sinks {
namespace {

constexpr std::size_t kMostHeaderText = 256;

// A header's value (HTTP protocol binding §3.1.3.2): printable ASCII but for space, quotation mark
// and percent sign; all else percent-encoded.
std::string header_value(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : cut_to(text, kMostHeaderText)) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet > 0x20 && octet < 0x7f && c != '"' && c != '%') {
      out += c;
    } else {
      out += {'%', kHex[octet >> 4U], kHex[octet & 15U]};
    }
  }
  return out;
}

}  // namespace

WebhookPiece json_piece(const rules::RoutedTrap& event, const protocol::mib::MibIndex& mibs,
                        EventJsonCache* cache) {
  WebhookPiece piece;
  append_event_json(event, mibs, cache, piece.body);
  return piece;
}

WebhookPiece cloudevents_piece(const rules::RoutedTrap& event, const protocol::mib::MibIndex& mibs,
                               EventJsonCache* cache) {
  WebhookPiece piece = json_piece(event, mibs, cache);
  piece.headers = {{"ce-specversion", "1.0"},
                   {"ce-id", header_value(event.id)},
                   {"ce-source", header_value("/trapline/" + event.message.agent.to_string())},
                   {"ce-type", "trapline.snmp.notification.v1"},
                   {"ce-time", time_of(event.message.received_at)},
                   {"ce-subject", header_value(trap_name_of(event, mibs))}};
  return piece;
}

}  // namespace trapline::sinks
