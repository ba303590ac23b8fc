#include "gateway/config/source_reader.h"

#include <algorithm>

namespace trapline::gateway {
namespace {

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

rules::SourceText source_of(const ConfigNode& node) {
  rules::SourceText source;
  source.text = node.text;
  source.place = node.text_place;
  source.pieces = node.pieces;
  return source;
}

std::optional<rules::SourceText> read_source(FieldReader& reader, std::string_view key,
                                             ConfigProblems& problems) {
  const ConfigNode* node = reader.text_node(key);
  if (node == nullptr) return std::nullopt;
  if (!is_blank(node->text)) return source_of(*node);
  problems.add(node->place, "`" + reader.name_of(key) + "` is empty",
               "give it a value, or leave the key out");
  return std::nullopt;
}

std::vector<rules::SourceText> read_sources(FieldReader& reader, std::string_view key,
                                            std::size_t most, ConfigProblems& problems) {
  std::vector<rules::SourceText> sources;
  const ConfigNode* node = reader.node(key, "a text or a list of texts");
  if (node == nullptr) return sources;
  const std::string name = "`" + reader.name_of(key) + "`";
  const std::span<const ConfigNode> items = node->kind == ConfigNode::Kind::list
                                                ? std::span<const ConfigNode>(node->items)
                                                : std::span<const ConfigNode>(node, 1);
  if (items.empty() || items.size() > most) {
    problems.add(node->place, name + (items.empty() ? " is an empty list" : " has too many items"),
                 "1 to " + std::to_string(most) + " items");
    return sources;
  }
  for (const ConfigNode& item : items) {
    if (item.kind != ConfigNode::Kind::text || is_blank(item.text)) {
      problems.add(item.place, name + " must be a text or a list of texts",
                   "put a text with braces or brackets in single quotes");
    } else {
      sources.push_back(source_of(item));
    }
  }
  return sources;
}

std::optional<rules::SourceText> read_condition(FieldReader& reader, std::string_view key,
                                                ConfigProblems& problems) {
  const ConfigNode* node = reader.node(key, "an expression in single quotes");
  if (node == nullptr) return std::nullopt;
  if (node->kind == ConfigNode::Kind::text && !is_blank(node->text)) return source_of(*node);
  problems.add(
      node->place,
      "`" + reader.name_of(key) +
          (node->kind == ConfigNode::Kind::text ? "` is empty" : "` must be an expression"),
      "an expression stands in single quotes or in a block: 'severity == \"major\"'");
  return std::nullopt;
}

bool is_rule_name(std::string_view text, std::string_view also) {
  const auto allowed = [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           c == '-' || also.find(c) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= kMaxRuleNameBytes && std::ranges::all_of(text, allowed);
}

}  // namespace trapline::gateway
