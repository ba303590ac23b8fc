#include "sinks/webhook_formats/event_words.h"

#include <algorithm>
#include <cstdint>

#include <fmt/core.h>

#include "base/utf8.h"
#include "sinks/event_name.h"
#include "sinks/text_buffer.h"
#include "sinks/time_text.h"
#include "sinks/value_text.h"

namespace trapline::sinks {

using protocol::mib::MibIndex;

std::string trap_name_of(const rules::RoutedTrap& event, const MibIndex& mibs) {
  std::string out;
  TextBuffer text(out);
  put_name(text, name_of(event.message.trap_oid, mibs), mibs);
  text.flush();
  return out;
}

std::string summary_of(const rules::RoutedTrap& event, const MibIndex& mibs) {
  if (!event.verdict.summary.empty()) return std::string(event.verdict.summary);
  return trap_name_of(event, mibs) + " from " + event.message.agent.to_string();
}

std::string key_of(const rules::RoutedTrap& event) {
  if (!event.verdict.key.empty()) return std::string(event.verdict.key);
  std::string out = event.message.agent.to_string() + "/";
  TextBuffer text(out);
  text.put_oid(event.message.trap_oid);
  text.flush();
  return out;
}

std::string object_name_of(const protocol::VarBind& varbind, const MibIndex& mibs) {
  std::string out;
  TextBuffer text(out);
  put_name(text, name_of(varbind.name, mibs), mibs);
  text.flush();
  return out;
}

std::string value_text_of(const protocol::VarBind& varbind, const MibIndex& mibs) {
  std::string out;
  TextBuffer text(out);
  put_value_text(text, varbind.value, name_of(varbind.name, mibs).node, mibs);
  text.flush();
  return out;
}

std::string time_of(base::WallTime time) {
  const auto text = rfc3339(time);
  return {text.data(), text.size()};
}

std::string cut_key_to(std::string_view key, std::size_t most) {
  if (key.size() <= most) return cut_to(key, most);
  std::uint64_t hash = 14'695'981'039'346'656'037ULL;  // FNV-1a
  for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211ULL;
  return cut_to(key, most - 17) + fmt::format("/{:016x}", hash);
}

std::string cut_to(std::string_view text, std::size_t most) {
  constexpr std::string_view kReplacement = "\xef\xbf\xbd";
  constexpr std::string_view kEllipsis = "\xe2\x80\xa6";
  std::string out;
  std::size_t keep = 0;  // what may stay if the ellipsis has to follow
  while (!text.empty()) {
    const base::Utf8Character character = base::first_utf8_character(text);
    const std::size_t octets = std::max<std::size_t>(character.octets, 1);
    out += character.octets == 0 ? kReplacement : text.substr(0, octets);
    if (out.size() > most) {
      out.resize(keep);
      return out += kEllipsis;
    }
    if (out.size() + kEllipsis.size() <= most) keep = out.size();
    text.remove_prefix(octets);
  }
  return out;
}

}  // namespace trapline::sinks
