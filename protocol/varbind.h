// VarBind (RFC 3416 §3): a name and its value.
#pragma once

#include "protocol/oid.h"
#include "protocol/value.h"

namespace trapline::protocol {

// Plain value; views what its parts view.
struct VarBind {
  OidView name;
  Value value;
};

}  // namespace trapline::protocol
