#include "gateway/config/config_show.h"

#include <algorithm>

#include "base/json_writer.h"

namespace trapline::gateway {
namespace {

using Kind = ConfigNode::Kind;

bool is_container(const ConfigNode& node) {
  return (node.kind == Kind::map || node.kind == Kind::list) && !node.items.empty();
}

// JSON's quotes are YAML's double quotes; line breaks are written for people.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    base::append_json_escaped(out, text.substr(0, end));
    out += "\\n";
    text.remove_prefix(end + 1);
  }
  base::append_json_escaped(out, text);
  return out + '"';
}

std::string scalar(const ConfigNode& node) {
  switch (node.kind) {
    case Kind::map: return "{}";
    case Kind::list: return "[]";
    case Kind::empty: return "null";
    case Kind::text: break;
  }
  const bool plain =
      !node.quoted && std::ranges::none_of(node.text, [](char c) { return c >= 0 && c < ' '; });
  return plain ? node.text : quoted(node.text);
}

std::string key_text(const std::string& key) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  const bool plain = !key.empty() && key.find_first_not_of(kPlain) == std::string::npos;
  return plain ? key : quoted(key);
}

// A container of which some items have been written.
struct Open {
  const ConfigNode* node;
  std::size_t next = 0;
};

void append_json_scalar(const ConfigNode& node, std::string& out) {
  const std::string& text = node.text;
  const bool digits = !text.empty() && text.size() < 16 &&
                      (text.size() == 1 || text.front() != '0') &&
                      std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  const bool literal = !node.quoted && (digits || text == "true" || text == "false");
  if (node.kind != Kind::text) {
    out += node.kind == Kind::map ? "{}" : node.kind == Kind::list ? "[]" : "null";
  } else {
    out += literal ? text : quoted(text);
  }
}

}  // namespace

std::string config_yaml(const ConfigNode& tree) {
  if (!is_container(tree)) return "{}\n";
  std::string out;
  std::vector<Open> path{{&tree}};
  bool behind_dash = false;  // the line has been begun by the dash of a list
  while (!path.empty()) {
    const ConfigNode& node = *path.back().node;
    if (path.back().next == node.items.size()) {
      path.pop_back();
      continue;
    }
    const std::size_t i = path.back().next++;
    if (!behind_dash) out.append(2 * (path.size() - 1), ' ');
    behind_dash = false;
    const ConfigNode& item = node.items[i];
    const bool is_list = node.kind == Kind::list;
    out += is_list ? "-" : key_text(node.keys[i].name) + ":";
    if (!is_container(item)) {
      out += " " + scalar(item) + "\n";
      continue;
    }
    behind_dash = is_list;
    out += is_list ? " " : "\n";
    path.push_back({&item});
  }
  return out;
}

std::string config_json(const ConfigNode& tree) {
  std::string out;
  if (!is_container(tree)) return "{}\n";
  std::vector<Open> path{{&tree}};
  out += "{";
  while (!path.empty()) {
    const ConfigNode& node = *path.back().node;
    if (path.back().next == node.items.size()) {
      out += node.kind == Kind::list ? "]" : "}";
      path.pop_back();
      continue;
    }
    const std::size_t i = path.back().next++;
    if (i > 0) out += ",";
    if (node.kind == Kind::map) out += quoted(node.keys[i].name) + ":";
    const ConfigNode& item = node.items[i];
    if (is_container(item)) {
      out += item.kind == Kind::list ? "[" : "{";
      path.push_back({&item});
    } else {
      append_json_scalar(item, out);
    }
  }
  return out + "\n";
}

}  // namespace trapline::gateway
