// All protocols by name, for those who list them.
#pragma once

#include <span>
#include <string_view>

#include "protocol/usm/protocols.h"

namespace trapline::protocol::usm {

// What name_of gives, of all but `none`, in the order of the protocols. Live for ever.
[[nodiscard]] std::span<const std::string_view> auth_protocol_names();
[[nodiscard]] std::span<const std::string_view> priv_protocol_names();

}  // namespace trapline::protocol::usm
