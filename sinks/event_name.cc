#include "sinks/event_name.h"

namespace trapline::sinks {

using protocol::mib::MibIndex;
using protocol::mib::NodeKind;

Name name_of(protocol::OidView oid, const MibIndex& mibs) {
  const auto found = mibs.resolve(oid);
  if (!found || found->node->kind == NodeKind::node) return {oid, nullptr, {}};
  return {oid, found->node, found->suffix};
}

void put_name(TextBuffer& text, const Name& name, const MibIndex& mibs) {
  if (name.node == nullptr) return mibs.append_name(name.oid, text.out());
  text.put(name.node->module);
  text.put("::");
  put_short_name(text, name, mibs);
}

void put_short_name(TextBuffer& text, const Name& name, const MibIndex& mibs) {
  if (name.node == nullptr) return mibs.append_short_name(name.oid, text.out());
  text.put(name.node->label);
  text.put_oid_suffix(name.instance);
}

}  // namespace trapline::sinks
