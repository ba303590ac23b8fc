// Names of OIDs as events show them.
#pragma once

#include "protocol/mib/mib_index.h"
#include "protocol/oid.h"
#include "sinks/text_buffer.h"

namespace trapline::sinks {

// "IF-MIB::linkDown", "IF-MIB::ifIndex.7", or dotted decimal when there is no name. Returns the
// notification, column or scalar that was named (views the index); null when it is none of them.
const protocol::mib::Node* put_name(TextBuffer& text, protocol::OidView oid,
                                    const protocol::mib::MibIndex& mibs);

// The same without the module: "ifIndex.7".
const protocol::mib::Node* put_short_name(TextBuffer& text, protocol::OidView oid,
                                          const protocol::mib::MibIndex& mibs);

// A name already found, with its module and instance. Returns it when it is a notification, column
// or scalar, null when it is a node above.
const protocol::mib::Node* put_resolved(TextBuffer& text, const protocol::mib::Resolved& found);

}  // namespace trapline::sinks
