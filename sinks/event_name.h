// Names of OIDs as events show them.
#pragma once

#include "protocol/mib/mib_index.h"
#include "protocol/oid.h"
#include "sinks/text_buffer.h"

namespace trapline::sinks {

// The notification, column or scalar that `oid` is or is an instance of. No node when there is
// none: what is only known as below some node has no name.
struct Name {
  protocol::OidView oid;
  const protocol::mib::Node* node = nullptr;
  protocol::OidView instance;  // what stands behind the node
};

// Looks a name up; views `mibs` and `oid`.
[[nodiscard]] Name name_of(protocol::OidView oid, const protocol::mib::MibIndex& mibs);

// "IF-MIB::linkDown", "IF-MIB::ifIndex.7"; without a node what `mibs` makes of it, at worst dotted
// decimal.
void put_name(TextBuffer& text, const Name& name, const protocol::mib::MibIndex& mibs);

// The same without the module: "ifIndex.7".
void put_short_name(TextBuffer& text, const Name& name, const protocol::mib::MibIndex& mibs);

}  // namespace trapline::sinks
