// Values of variable bindings, as expressions see them.
#pragma once

#include <string>

#include "protocol/mib/mib_index.h"
#include "protocol/varbind.h"
#include "rules/evaluation_scratch.h"
#include "rules/value.h"

namespace trapline::rules {

// The column, scalar or notification that an OID is an instance of; no node when only something
// above it is known. Views what it was found in.
struct ObjectName {
  const protocol::mib::Node* node = nullptr;
  protocol::OidView instance;
};

// Looks it up.
[[nodiscard]] ObjectName object_of(protocol::OidView oid, const protocol::mib::MibIndex& mibs);

// What `value` is, as a value of the object `node` or, when that is null, of one unknown: integers
// with a label are enumerated; octet strings are text when events show them so, else hex; NULL and
// exceptions are null. Views `value`, `node` and the scratch.
[[nodiscard]] Value value_of(const protocol::Value& value, const protocol::mib::Node* node,
                             EvaluationScratch& scratch);

// Appends the value as events show it in `text`: "up(1)", "IF-MIB::linkDown", "0:00:00.12".
void append_value_text(const protocol::Value& value, const protocol::mib::Node* node,
                       const protocol::mib::MibIndex& mibs, std::string& out);

// Appends each octet as two hex digits, lower case.
void append_hex(base::Bytes octets, std::string& out);

}  // namespace trapline::rules
