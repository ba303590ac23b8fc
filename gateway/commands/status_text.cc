#include "gateway/commands/status_text.h"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json_writer.h"

namespace trapline::gateway {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kNameColumns = 22;
constexpr std::size_t kValueColumns = 14;

// A value on one line. Strings may have come from files and sockets: nothing in them can move a
// cursor.
std::string cell(const Json& value) {
  if (!value.is_string())
    return value.is_boolean() ? (value.get<bool>() ? "yes" : "no") : value.dump();
  const std::string text = value.get<std::string>();
  if (text.empty()) return "-";
  std::string escaped;
  base::append_json_escaped(escaped, text);
  return escaped;
}

std::string counters_of(const Json& counters) {
  std::string text;
  if (!counters.is_object()) return text;
  for (const auto& [name, count] : counters.items()) {
    text += (text.empty() ? "" : ", ") + name + " " + cell(count);
  }
  return text;
}

// "name   value   note"
void append_line(std::string& out, std::string_view name, const std::string& value,
                 std::string_view note = {}) {
  out += fmt::format("  {:<{}}{:>{}}", name, kNameColumns, value, kValueColumns);
  if (!note.empty()) out += "  " + std::string(note);
  out += '\n';
}

std::string duration_text(std::uint64_t secs) {
  const std::uint64_t days = secs / 86'400;
  const std::uint64_t hours = secs / 3'600 % 24;
  const std::uint64_t minutes = secs / 60 % 60;
  if (days != 0) return fmt::format("{} d {} h", days, hours);
  if (hours != 0) return fmt::format("{} h {} min", hours, minutes);
  if (minutes != 0) return fmt::format("{} min {} s", minutes, secs % 60);
  return fmt::format("{} s", secs);
}

std::string member_text(const Json& status, const char* name) {
  const auto member = status.find(name);
  return member == status.end() ? "-" : cell(*member);
}

void append_heading(std::string& out, const Json& status) {
  const auto uptime = status.find("uptime_secs");
  const bool has_uptime = uptime != status.end() && uptime->is_number_unsigned();
  const auto ready = status.find("ready");
  const bool is_ready = ready != status.end() && ready->is_boolean() && ready->get<bool>();
  out += fmt::format("trapline {} on node {}, up {}, {}\n", member_text(status, "version"),
                     member_text(status, "node"),
                     has_uptime ? duration_text(uptime->get<std::uint64_t>()) : "-",
                     is_ready ? "ready" : "NOT READY");
  if (const std::string trouble = member_text(status, "trouble"); trouble != "-") {
    out += "trouble: " + trouble + "\n";
  }
}

void append_ledger(std::string& out, const Json& status) {
  const auto ledger = status.find("ledger");
  if (ledger == status.end() || !ledger->is_object()) return;
  const Json reasons = status.value("reasons", Json::object());
  out += "\nledger\n";
  for (const auto& [name, count] : ledger->items()) {
    const bool unbalanced = name.ends_with("difference") && count.is_number() && count != 0;
    const auto why = reasons.find(name);
    append_line(out, name, cell(count),
                unbalanced ? "MUST BE 0" : (why == reasons.end() ? "" : counters_of(*why)));
  }
}

// An object's members, one per line; an object inside becomes a note of its own.
void append_section(std::string& out, std::string_view title, const Json& section) {
  if (section.empty()) return;
  out += "\n" + std::string(title) + "\n";
  for (const auto& [name, value] : section.items()) {
    if (value.is_object()) {
      append_line(out, name, "", counters_of(value));
    } else {
      append_line(out, name, cell(value));
    }
  }
}

// A list of like objects, one per line under their members' names.
void append_table(std::string& out, std::string_view title, const Json& rows) {
  if (rows.empty() || !rows.front().is_object()) return;
  std::vector<std::vector<std::string>> lines(1);
  for (const auto& [name, value] : rows.front().items()) lines.front().push_back(name);
  for (const Json& row : rows) {
    std::vector<std::string>& line = lines.emplace_back();
    for (const std::string& name : lines.front()) line.push_back(member_text(row, name.c_str()));
  }
  out += "\n" + std::string(title) + "\n";
  std::vector<std::size_t> widths(lines.front().size());
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  for (const auto& line : lines) {
    std::string text;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      text += fmt::format("  {:<{}}", line[i], widths[i]);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  }
}

bool stands_elsewhere(std::string_view name) {
  static constexpr std::array<std::string_view, 7> kShown = {
      "version", "node", "uptime_secs", "ready", "trouble", "ledger", "reasons"};
  return std::ranges::find(kShown, name) != kShown.end();
}

}  // namespace

std::optional<std::string> status_text(std::string_view json) {
  const Json status = Json::parse(json, nullptr, false);
  if (!status.is_object()) return std::nullopt;
  std::string out;
  append_heading(out, status);
  append_ledger(out, status);
  Json single = Json::object();
  for (const auto& [name, value] : status.items()) {
    if (stands_elsewhere(name)) continue;
    if (value.is_array()) {
      append_table(out, name, value);
    } else if (value.is_object()) {
      append_section(out, name, value);
    } else {
      single[name] = value;
    }
  }
  append_section(out, "other", single);
  return out;
}

}  // namespace trapline::gateway
