#include "sinks/syslog_message.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/json_writer.h"
#include "base/utf8.h"
#include "sinks/event_json.h"
#include "sinks/text_buffer.h"
#include "sinks/webhook_formats/event_words.h"

namespace trapline::sinks {
namespace {

using protocol::mib::MibIndex;
using rules::RoutedTrap;
using rules::Severity;

constexpr std::string_view kBom = "\xef\xbb\xbf";
constexpr std::string_view kEllipsis = "\xe2\x80\xa6";
constexpr std::size_t kMostName = 32;  // MSGID and SD-NAME
constexpr std::size_t kMostValue = 256;
constexpr std::size_t kMostHostname = 255;
// Kept free of parameters: what says that the message was shortened, and a beginning of MSG.
constexpr std::size_t kReserved = 96;

unsigned severity_of(Severity severity) {
  switch (severity) {
    case Severity::critical: return 1;
    case Severity::major: return 2;
    case Severity::minor: return 3;
    case Severity::warning: return 4;
    case Severity::cleared: return 5;
    case Severity::info: return 6;
  }
  return 6;
}

bool is_graphic(char c) { return c > 0x20 && c < 0x7f; }

// Valid UTF-8 that no terminal or log reader stumbles over: controls, line ends of any kind and
// what turns the direction of text are escaped as in JSON, quotes and backslashes left alone.
std::string visible(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t octets = std::max<std::size_t>(base::first_utf8_character(text).octets, 1);
    const std::string_view character = text.substr(0, octets);
    if (character == "\"" || character == "\\") {
      out += character;
    } else {
      base::append_json_escaped(out, character);
    }
    text.remove_prefix(octets);
  }
  return out;
}

// One element of structured data, taking parameters while there is room.
class Element {
 public:
  Element(std::string& out, std::size_t limit, std::string_view name, std::uint32_t enterprise)
      : out_(out), limit_(limit), start_(out.size()) {
    out_ += '[';
    out_ += name;
    out_ += '@';
    out_ += std::to_string(enterprise);
  }
  // False when it does not fit, or one before it did not.
  bool add(std::string_view name, std::string_view value) {
    if (full_) return false;
    const std::size_t before = out_.size();
    out_ += ' ';
    for (const char c : name.substr(0, kMostName)) {
      out_ += is_graphic(c) && c != '=' && c != ']' && c != '"' ? c : '_';
    }
    out_ += "=\"";
    for (const char c : cut_to(visible(value), kMostValue)) {
      if (c == '"' || c == '\\' || c == ']') out_ += '\\';
      out_ += c;
    }
    out_ += '"';
    full_ = out_.size() + 1 > limit_;
    if (full_) out_.resize(before);
    empty_ = empty_ && full_;
    return !full_;
  }
  // Ends it; without parameters it is gone.
  void end() {
    if (empty_) {
      out_.resize(start_);
    } else {
      out_ += ']';
    }
  }

 private:
  std::string& out_;
  const std::size_t limit_;
  const std::size_t start_;
  bool empty_ = true;
  bool full_ = false;
};

std::string text_of(const RoutedTrap& event, const MibIndex& mibs) {
  std::string out = visible(summary_of(event, mibs));
  for (const protocol::VarBind& varbind : event.message.varbinds) {
    out += ' ';
    out += object_name_of(varbind, mibs);
    out += "=\"";
    out += value_text_of(varbind, mibs);
    out += '"';
  }
  return out;
}

// MSGID: the notification's name without its module.
std::string_view message_id(std::string_view trap) {
  if (const std::size_t at = trap.rfind("::"); at != std::string_view::npos) {
    trap.remove_prefix(at + 2);
  }
  const bool fits =
      !trap.empty() && trap.size() <= kMostName && std::ranges::all_of(trap, is_graphic);
  return fits ? trap : "-";
}

std::string hostname_of(const RoutedTrap& event, SyslogHostname hostname) {
  if (hostname == SyslogHostname::node) return std::string(node_of_id(event.id));
  return event.message.agent.to_string().substr(0, kMostHostname);
}

void append_header(const RoutedTrap& event, const SyslogSinkOptions& options, std::string_view trap,
                   std::string& out) {
  out += '<';
  out += std::to_string(options.facility * 8U + severity_of(event.verdict.severity));
  out += ">1 ";
  out += time_of(event.message.received_at);
  out += ' ';
  out += hostname_of(event, options.hostname);
  out += " trapline - ";
  out += message_id(trap);
  out += ' ';
}

std::string oid_text(protocol::OidView oid) {
  std::string out;
  TextBuffer text(out);
  text.put_oid(oid);
  text.flush();
  return out;
}

// `shortened` is how many octets MSG would have had; nothing when all of it follows. False when
// some of it was left out.
bool append_structured_data(const RoutedTrap& event, const SyslogSinkOptions& options,
                            std::string_view trap, std::optional<std::size_t> shortened,
                            std::size_t limit, std::string& out) {
  Element element(out, limit - kReserved, "trapline", options.enterprise_number);
  element.add("id", event.id);
  element.add("severity", name_of(event.verdict.severity));
  element.add("state", name_of(event.verdict.state));
  element.add("agent", event.message.agent.to_string());
  element.add("oid", oid_text(event.message.trap_oid));
  element.add("trap", trap);
  element.add("key", key_of(event));
  bool all = element.add("peer", event.message.peer.ip.to_string());
  if (shortened) {
    out += " shortened=\"" + std::to_string(*shortened) + "\"";
  }
  element.end();
  Element tags(out, limit - kReserved, "tags", options.enterprise_number);
  for (const rules::Tag& tag : event.verdict.tags) all = tags.add(tag.name, tag.value) && all;
  tags.end();
  return all;
}

// As much of `text` as fits in `most` octets, with an ellipsis when that is not all.
std::string_view fitting(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  if (most < kEllipsis.size()) return {};
  return text.substr(0, base::utf8_floor(text, most - kEllipsis.size()));
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

std::string_view node_of_id(std::string_view id) {
  for (int part = 0; part < 2; ++part) {
    const std::size_t dash = id.rfind('-');
    if (dash == std::string_view::npos || dash == 0) return "-";
    id = id.substr(0, dash);
  }
  return id;
}

void append_syslog_message(const RoutedTrap& event, const SyslogSinkOptions& options,
                           const MibIndex& mibs, std::string& out, EventJsonCache* cache) {
  const std::size_t start = out.size();
  const std::size_t limit = start + options.max_bytes;
  const std::string trap = trap_name_of(event, mibs);
  std::string body;
  if (options.format == SyslogFormat::json) {
    append_event_json(event, mibs, cache, body);
  } else {
    body = text_of(event, mibs);
  }
  append_header(event, options, trap, out);
  const std::size_t header_end = out.size();
  const bool all = append_structured_data(event, options, trap, std::nullopt, limit, out);
  const std::size_t bom = is_ascii(body) ? 0 : kBom.size();
  if (all && out.size() + 1 + bom + body.size() <= limit) {
    out += ' ';
    if (bom != 0) out += kBom;
    out += body;
    return;
  }
  out.resize(header_end);
  (void)append_structured_data(event, options, trap, body.size(), limit, out);
  if (options.format == SyslogFormat::json) body = text_of(event, mibs);
  const std::size_t room = limit - out.size() - 1 - kBom.size();
  const std::string_view kept = fitting(body, room);
  const bool cut = kept.size() != body.size();
  out += ' ';
  if (cut || !is_ascii(kept)) out += kBom;
  out += kept;
  if (cut) out += kEllipsis;
}

}  // namespace trapline::sinks
