// A variable binding as JSON: {oid, name, type, value, text, label?, hex?}.
#pragma once

#include "protocol/mib/mib_index.h"
#include "protocol/varbind.h"
#include "sinks/text_buffer.h"

namespace trapline::sinks {

// Puts one object. Names, enumeration labels and the form of octet strings come from `mibs`.
void put_varbind_json(TextBuffer& text, const protocol::VarBind& varbind,
                      const protocol::mib::MibIndex& mibs);

}  // namespace trapline::sinks
