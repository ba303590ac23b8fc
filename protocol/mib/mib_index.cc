#include "protocol/mib/mib_index.h"

#include <algorithm>
#include <charconv>
#include <deque>

#include "protocol/mib/standard_names.h"

namespace trapline::protocol::mib {
namespace {

// A state whose children are still to be made: the nodes that share its octets.
struct Unfinished {
  std::size_t state;
  std::size_t first;
  std::size_t last;
  std::size_t depth;
};

std::uint8_t octet_at(const Node& node, std::size_t at) {
  return std::to_integer<std::uint8_t>(node.oid.content()[at]);
}

// "MODULE::label" in its two parts; the module is empty when not given.
std::pair<std::string_view, std::string_view> split_module(std::string_view name) {
  constexpr std::string_view kBetween = "::";
  const std::size_t at = name.find(kBetween);
  if (at == std::string_view::npos) return {{}, name};
  return {name.substr(0, at), name.substr(at + kBetween.size())};
}

// Appends "1.2" as two sub-identifiers; false when it is not that, or too long.
bool append_arcs(std::string_view dotted, Oid& oid) {
  for (std::size_t count = oid.view().size(); count < kMaxSubIdentifiers; ++count) {
    std::uint32_t arc = 0;
    const auto [end, error] = std::from_chars(dotted.data(), dotted.data() + dotted.size(), arc);
    if (error != std::errc{}) return false;
    oid.append(arc);
    dotted.remove_prefix(static_cast<std::size_t>(end - dotted.data()));
    if (dotted.empty()) return true;
    if (dotted.front() != '.') return false;
    dotted.remove_prefix(1);
  }
  return false;
}

// The roots of SNMPv2-SMI say nothing about what lies below them.
bool is_root(const Node& node) {
  return node.kind == NodeKind::node && node.module == "SNMPv2-SMI";
}

}  // namespace

const MibIndex& MibIndex::built_in() {
  static const StandardNames names;
  static const MibIndex index(names.nodes());
  return index;
}

MibIndex::MibIndex(std::span<const Node> nodes) : by_oid_(nodes.begin(), nodes.end()) {
  std::stable_sort(by_oid_.begin(), by_oid_.end(),
                   [](const Node& a, const Node& b) { return a.oid < b.oid; });
  const auto repeated = std::unique(by_oid_.begin(), by_oid_.end(),
                                    [](const Node& a, const Node& b) { return a.oid == b.oid; });
  by_oid_.erase(repeated, by_oid_.end());
  // In the order of the modules again, so that the first of equal labels stays first.
  for (const Node& node : nodes) {
    const auto place = std::lower_bound(by_oid_.begin(), by_oid_.end(), node,
                                        [](const Node& a, const Node& b) { return a.oid < b.oid; });
    if (place->label == node.label) by_label_.push_back(&*place);
  }
  std::stable_sort(by_label_.begin(), by_label_.end(),
                   [](const Node* a, const Node* b) { return a->label < b->label; });
  build_states();
}

// Level by level: the nodes below a state are neighbours in by_oid_.
void MibIndex::build_states() {
  states_.emplace_back();
  std::deque<Unfinished> unfinished;
  unfinished.push_back({0, 0, by_oid_.size(), 0});
  for (; !unfinished.empty(); unfinished.pop_front()) {
    auto [state, first, last, depth] = unfinished.front();
    if (first != last && by_oid_[first].oid.content().size() == depth) {
      states_[state].node = &by_oid_[first++];
    }
    if (first == last) continue;
    const std::uint8_t lowest = octet_at(by_oid_[first], depth);
    const std::uint8_t highest = octet_at(by_oid_[last - 1], depth);
    const auto base = static_cast<std::int32_t>(states_.size()) - lowest;
    states_[state].child_base = base;
    states_[state].first_octet = lowest;
    states_[state].count = static_cast<std::uint16_t>(highest - lowest + 1);
    states_.resize(states_.size() + states_[state].count);
    while (first != last) {
      const std::uint8_t octet = octet_at(by_oid_[first], depth);
      std::size_t end = first;
      while (end != last && octet_at(by_oid_[end], depth) == octet) ++end;
      unfinished.push_back({static_cast<std::size_t>(base + octet), first, end, depth + 1});
      first = end;
    }
  }
}

std::optional<Resolved> MibIndex::resolve(OidView oid) const {
  const base::Bytes content = oid.content();
  const State* state = states_.data();
  const Node* found = nullptr;
  std::size_t found_bytes = 0;
  for (std::size_t i = 0; i < content.size(); ++i) {
    const auto octet = std::to_integer<std::int32_t>(content[i]);
    if (static_cast<std::uint32_t>(octet - state->first_octet) >= state->count) break;
    state = states_.data() + (state->child_base + octet);
    if (state->node != nullptr) {
      found = state->node;
      found_bytes = i + 1;
    }
  }
  if (found == nullptr) return std::nullopt;
  return Resolved{found, OidView(content.subspan(found_bytes))};
}

const Node* MibIndex::find(std::string_view name) const {
  const auto [module, label] = split_module(name);
  for (const Node* const node : find_all(label)) {
    if (module.empty() || node->module == module) return node;
  }
  return nullptr;
}

std::span<const Node* const> MibIndex::find_all(std::string_view label) const {
  const auto first = std::ranges::lower_bound(by_label_, label, {}, &Node::label);
  return {first, std::ranges::upper_bound(first, by_label_.end(), label, {}, &Node::label)};
}

std::optional<Oid> MibIndex::parse(std::string_view text) const {
  if (auto numeric = Oid::parse(text)) return numeric;
  const std::size_t dot = text.find('.');
  const Node* const node = find(text.substr(0, dot));
  if (node == nullptr) return std::nullopt;
  Oid oid(node->oid);
  if (dot != std::string_view::npos && !append_arcs(text.substr(dot + 1), oid)) return std::nullopt;
  return oid;
}

std::string_view MibIndex::label_of(const Node& node, std::int64_t number) {
  const auto place = std::lower_bound(
      node.labels.begin(), node.labels.end(), number,
      [](const EnumLabel& label, std::int64_t wanted) { return label.number < wanted; });
  if (place == node.labels.end() || place->number != number) return {};
  return place->label;
}

void MibIndex::append_name(OidView oid, std::string& out) const {
  const std::optional<Resolved> resolved = resolve(oid);
  if (resolved && !is_root(*resolved->node)) {
    out += resolved->node->module;
    out += "::";
  }
  append_short_name(oid, out);
}

void MibIndex::append_short_name(OidView oid, std::string& out) const {
  const std::optional<Resolved> resolved = resolve(oid);
  if (!resolved || is_root(*resolved->node)) {
    oid.append_to(out);
    return;
  }
  out += resolved->node->label;
  if (resolved->suffix.empty()) return;
  out += '.';
  resolved->suffix.append_suffix_to(out);
}

}  // namespace trapline::protocol::mib
