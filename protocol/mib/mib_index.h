// Names for OIDs, and OIDs for names: what events show instead of numbers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/oid.h"

namespace trapline::protocol::mib {

enum class NodeKind : std::uint8_t { node, scalar, column, notification };

// What a DISPLAY-HINT or textual convention says of an octet string, as far as rendering needs it.
enum class TextForm : std::uint8_t { guess, text, hex, mac_address, date_and_time };

// One named value of an enumerated INTEGER. Plain value.
struct EnumLabel {
  std::int64_t number;
  std::string_view label;
};

// One named OID. Views the index, which outlives it.
struct Node {
  OidView oid;
  std::string_view module;  // "IF-MIB"
  std::string_view label;   // "ifIndex"
  NodeKind kind = NodeKind::node;
  TextForm form = TextForm::guess;
  std::span<const EnumLabel> labels;  // of an enumerated INTEGER, sorted by number
  std::span<const OidView> objects;   // of a notification: its OBJECTS in order
};

// A name found for an OID: the longest known ancestor, and what is left behind it (the instance).
struct Resolved {
  const Node* node;
  OidView suffix;  // views the OID asked for
};

// Immutable after construction; any thread may read.
class MibIndex {
 public:
  // The facts built in: SNMPv2-MIB and IF-MIB, notifications and objects, and the roots above.
  [[nodiscard]] static const MibIndex& built_in();

  // The longest known ancestor of `oid` (or `oid` itself). Nothing when not even a root is known.
  // O(octets of `oid`); no allocation.
  [[nodiscard]] std::optional<Resolved> resolve(OidView oid) const;
  // The node named "MODULE::label" or "label" (the first module wins); null when unknown.
  [[nodiscard]] const Node* find(std::string_view name) const;
  // All nodes of a label, in the order of their modules. Valid as long as the index.
  [[nodiscard]] std::span<const Node* const> find_all(std::string_view label) const;
  // An OID from "MODULE::label.1.2", "label.1.2", or dotted decimal. Nothing when none of them.
  [[nodiscard]] std::optional<Oid> parse(std::string_view text) const;
  // The label of an enumerated value; empty when there is none.
  [[nodiscard]] static std::string_view label_of(const Node& node, std::int64_t number);

  // Appends "IF-MIB::linkDown", "IF-MIB::ifIndex.7" or, unresolved, dotted decimal. `oid` prints
  // with the module; `append_short_name` without it ("ifIndex.7"). A root alone ("iso") does not
  // count as a name.
  void append_name(OidView oid, std::string& out) const;
  void append_short_name(OidView oid, std::string& out) const;

 private:
  // Where a walk along an OID's octets stands. Its children are states_[child_base + octet] for
  // `count` octets from `first_octet` on.
  struct State {
    std::int32_t child_base = 0;
    std::uint16_t first_octet = 0;
    std::uint16_t count = 0;
    const Node* node = nullptr;  // null where no name ends
  };

  // From nodes in the order of their modules; of two with one OID or one label the first wins.
  explicit MibIndex(std::span<const Node> nodes);
  void build_states();

  std::vector<Node> by_oid_;
  std::vector<const Node*> by_label_;
  std::vector<State> states_;
};

}  // namespace trapline::protocol::mib
