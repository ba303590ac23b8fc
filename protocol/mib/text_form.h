// Whether an octet string is shown as text.
#pragma once

#include "base/bytes.h"
#include "protocol/mib/mib_index.h"

namespace trapline::protocol::mib {

// How an octet string is shown: as text when its MIB object says so or, without a word from the
// MIB, when it is valid UTF-8 without control characters; otherwise by its octets. Never `guess`.
[[nodiscard]] TextForm form_of(base::Bytes octets, TextForm hint);

}  // namespace trapline::protocol::mib
