#include "gateway/config/field_reader.h"

#include <algorithm>
#include <charconv>

#include "gateway/config/nearest_name.h"
#include "gateway/config/secret_reference.h"

namespace trapline::gateway {
namespace {

// A value that may be shown: short enough, and not the text of a secret (callers see to that).
std::string quote(std::string_view text) {
  constexpr std::size_t kMostShown = 60;
  if (text.size() <= kMostShown) return "`" + std::string(text) + "`";
  return "`" + std::string(text.substr(0, kMostShown)) + "...`";
}

std::string_view describe(const ConfigNode& node) {
  switch (node.kind) {
    case ConfigNode::Kind::empty: return "nothing";
    case ConfigNode::Kind::text: return node.quoted ? "a text" : "a plain value";
    case ConfigNode::Kind::list: return "a list";
    case ConfigNode::Kind::map: return "a map";
  }
  return "nothing";
}

bool is_plain_decimal(const ConfigNode& node) {
  if (node.quoted || node.text.empty()) return false;
  if (node.text.size() > 1 && node.text.front() == '0') return false;
  return std::ranges::all_of(node.text, [](char c) { return c >= '0' && c <= '9'; });
}

// Plain YAML would split `${env:X}` at its brace inside [...] or {...}.
std::string_view reference_hint(const ConfigNode& node) {
  return node.kind == ConfigNode::Kind::map ? "put a ${...} reference or a {{ template }} in quotes"
                                            : "";
}

}  // namespace

FieldReader::FieldReader(const ConfigNode& map, std::string where, ConfigProblems& problems)
    : map_(map), where_(std::move(where)), problems_(problems) {}

std::string FieldReader::name_of(std::string_view key) const {
  return where_.empty() ? std::string(key) : where_ + "." + std::string(key);
}

const ConfigNode* FieldReader::node(std::string_view key, std::string_view what) {
  known_.push_back(key);
  const ConfigNode* node = map_.find(key);
  if (node == nullptr || node->kind != ConfigNode::Kind::empty) return node;
  problems_.add(map_.keys[map_.index_of(key)].place, "`" + name_of(key) + "` has no value",
                "give it " + std::string(what) + ", or leave the key out for the default");
  return nullptr;
}

const ConfigNode* FieldReader::take(std::string_view key, ConfigNode::Kind kind,
                                    std::string_view what) {
  const ConfigNode* found = node(key, what);
  if (found == nullptr || found->kind == kind) return found;
  problems_.add(found->place,
                "`" + name_of(key) + "` must be " + std::string(what) + ", not " +
                    std::string(describe(*found)),
                reference_hint(*found));
  return nullptr;
}

const ConfigNode* FieldReader::map(std::string_view key) {
  return take(key, ConfigNode::Kind::map, "a map");
}

const ConfigNode* FieldReader::list(std::string_view key) {
  return take(key, ConfigNode::Kind::list, "a list");
}

const ConfigNode* FieldReader::text_node(std::string_view key) {
  return take(key, ConfigNode::Kind::text, "a text");
}

void FieldReader::read_text(std::string_view key, std::string& out) {
  const ConfigNode* node = text_node(key);
  std::string text;
  if (node != nullptr && resolve_text(*node, name_of(key), problems_, text)) out = std::move(text);
}

void FieldReader::read_secret(std::string_view key, base::Secret& out, std::size_t most_bytes) {
  const ConfigNode* node = text_node(key);
  if (node == nullptr) return;
  problems_.note_secret(node->place);
  std::string text;
  std::string problem;
  if (!resolve_references(node->text, Secrecy::secret, text, problem)) {
    problems_.add(node->place, "`" + name_of(key) + "`: " + problem, "");
  } else if (text.empty() || text.size() > most_bytes) {
    problems_.add(node->place, "`" + name_of(key) + "` is " + (text.empty() ? "empty" : "too long"),
                  "1 to " + std::to_string(most_bytes) + " octets");
  } else {
    out = base::Secret(text);
  }
}

bool FieldReader::read_number(std::string_view key, IntegerRange range, std::uint64_t& out) {
  const std::string from_to = std::to_string(range.lowest) + " to " + std::to_string(range.highest);
  const ConfigNode* node = take(key, ConfigNode::Kind::text, "a whole number");
  if (node == nullptr) return false;
  if (!is_plain_decimal(*node)) {
    problems_.add(node->place,
                  "`" + name_of(key) + "` must be a whole number, not " +
                      (node->quoted ? "the text " : "") + quote(node->text),
                  from_to + ", decimal digits without quotes, unit or leading zero");
    return false;
  }
  std::uint64_t value = 0;
  const char* end = node->text.data() + node->text.size();
  const bool fits = std::from_chars(node->text.data(), end, value).ec == std::errc{};
  if (!fits || value < range.lowest || value > range.highest) {
    problems_.add(node->place, "`" + name_of(key) + "` is out of range: " + quote(node->text),
                  from_to);
    return false;
  }
  out = value;
  return true;
}

void FieldReader::read_boolean(std::string_view key, bool& out) {
  const ConfigNode* node = take(key, ConfigNode::Kind::text, "true or false");
  if (node == nullptr) return;
  if (!node->quoted && (node->text == "true" || node->text == "false")) {
    out = node->text == "true";
    return;
  }
  problems_.add(node->place,
                "`" + name_of(key) + "` must be true or false, not " +
                    (node->quoted ? "the text " : "") + quote(node->text),
                "write `true` or `false` without quotes");
}

std::size_t FieldReader::read_one_of(std::string_view key,
                                     std::span<const std::string_view> names) {
  const ConfigNode* node = text_node(key);
  if (node == nullptr) return names.size();
  const auto at = std::ranges::find(names, node->text);
  if (at != names.end()) return static_cast<std::size_t>(at - names.begin());
  const std::string_view nearest = nearest_name(node->text, names);
  std::string hint;
  if (!nearest.empty()) {
    hint = "did you mean `" + std::string(nearest) + "`?";
  } else {
    for (const std::string_view name : names)
      hint += (hint.empty() ? "" : ", ") + std::string(name);
    hint = "one of " + hint;
  }
  problems_.add(node->place, "`" + name_of(key) + "` cannot be " + quote(node->text), hint);
  return names.size();
}

void FieldReader::read_prefixes(std::string_view key, std::vector<base::IpPrefix>& out) {
  const ConfigNode* node = list(key);
  if (node == nullptr) return;
  if (node->items.empty()) {
    problems_.add(node->place, "`" + name_of(key) + "` is an empty list",
                  "leave the key out for its default, or list at least one network");
  }
  for (const ConfigNode& item : node->items) {
    std::string text;
    if (item.kind != ConfigNode::Kind::text) {
      problems_.add(item.place, "`" + name_of(key) + "` must list networks",
                    "like 10.0.0.0/8 or \"2001:db8::/32\"");
    } else if (resolve_text(item, name_of(key), problems_, text)) {
      if (const auto prefix = base::IpPrefix::parse(text)) {
        out.push_back(*prefix);
      } else {
        problems_.add(item.place, "`" + name_of(key) + "`: " + quote(text) + " is not a network",
                      "like 10.0.0.0/8 or \"2001:db8::/32\", no bits set behind the prefix");
      }
    }
  }
}

void FieldReader::require(std::string_view key, std::string_view hint) {
  if (map_.find(key) != nullptr) return;
  problems_.add(map_.place, "`" + name_of(key) + "` is missing", hint);
}

void FieldReader::refuse_unsupported(std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    const std::size_t index = map_.index_of(key);
    if (index == map_.keys.size()) continue;
    known_.push_back(key);
    problems_.add(map_.keys[index].place, "`" + name_of(key) + "` is not supported yet",
                  "remove the key");
  }
}

void FieldReader::finish() {
  for (const ConfigKey& key : map_.keys) {
    if (std::ranges::find(known_, key.name) != known_.end()) continue;
    const std::string_view nearest = nearest_name(key.name, known_);
    const std::string place = where_.empty() ? "" : " in `" + where_ + "`";
    problems_.add(key.place, "unknown key " + quote(key.name) + place,
                  nearest.empty() ? "docs/configuration.md lists the keys"
                                  : "did you mean `" + std::string(nearest) + "`?");
  }
}

bool resolve_text(const ConfigNode& node, std::string_view name, ConfigProblems& problems,
                  std::string& out) {
  std::string problem;
  if (!resolve_references(node.text, Secrecy::open, out, problem)) {
    problems.add(node.place, "`" + std::string(name) + "`: " + problem, "");
    return false;
  }
  if (!out.empty()) return true;
  problems.add(node.place, "`" + std::string(name) + "` is empty", "give it a value");
  return false;
}

}  // namespace trapline::gateway
