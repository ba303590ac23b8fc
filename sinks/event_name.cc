#include "sinks/event_name.h"

namespace trapline::sinks {
namespace {

using protocol::mib::MibIndex;
using protocol::mib::Node;
using protocol::mib::NodeKind;
using protocol::mib::Resolved;

void put_instance(TextBuffer& text, protocol::OidView suffix) {
  if (suffix.empty()) return;
  text.put('.');
  text.put_oid_suffix(suffix);
}

}  // namespace

const Node* put_name(TextBuffer& text, protocol::OidView oid, const MibIndex& mibs) {
  const std::optional<Resolved> found = mibs.resolve(oid);
  if (!found || found->node->kind == NodeKind::node) {
    mibs.append_name(oid, text.out());
    return nullptr;
  }
  return put_resolved(text, *found);
}

const Node* put_resolved(TextBuffer& text, const Resolved& found) {
  text.put(found.node->module);
  text.put("::");
  text.put(found.node->label);
  put_instance(text, found.suffix);
  return found.node->kind == NodeKind::node ? nullptr : found.node;
}

const Node* put_short_name(TextBuffer& text, protocol::OidView oid, const MibIndex& mibs) {
  const std::optional<Resolved> found = mibs.resolve(oid);
  if (!found || found->node->kind == NodeKind::node) {
    mibs.append_short_name(oid, text.out());
    return nullptr;
  }
  text.put(found->node->label);
  put_instance(text, found->suffix);
  return found->node;
}

}  // namespace trapline::sinks
