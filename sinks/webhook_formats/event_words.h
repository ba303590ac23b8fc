// What every webhook format says of an event, as plain text, and how texts are cut to a limit.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "protocol/mib/mib_index.h"
#include "rules/routed_trap.h"

namespace trapline::sinks {

// The summary of the verdict, or "IF-MIB::linkDown from 10.1.2.3". Octets of any kind may be in it.
[[nodiscard]] std::string summary_of(const rules::RoutedTrap& event,
                                     const protocol::mib::MibIndex& mibs);
// The key of the verdict, or "10.1.2.3/1.3.6.1.6.3.1.1.5.3".
[[nodiscard]] std::string key_of(const rules::RoutedTrap& event);
// "IF-MIB::linkDown", or the OID.
[[nodiscard]] std::string trap_name_of(const rules::RoutedTrap& event,
                                       const protocol::mib::MibIndex& mibs);
// "IF-MIB::ifIndex.7".
[[nodiscard]] std::string object_name_of(const protocol::VarBind& varbind,
                                         const protocol::mib::MibIndex& mibs);
// The value as events show it in `text`: control characters and invalid octets escaped visibly.
[[nodiscard]] std::string value_text_of(const protocol::VarBind& varbind,
                                        const protocol::mib::MibIndex& mibs);
// `key` as `cut_to` has it; when it is too long, its beginning and a digest of all of it, so that
// different keys stay different. `most` is at least 21.
[[nodiscard]] std::string cut_key_to(std::string_view key, std::size_t most);
// RFC 3339 in UTC.
[[nodiscard]] std::string time_of(base::WallTime time);

// `text` as valid UTF-8 of at most `most` octets (so at most as many characters); what is cut off
// is shown by an ellipsis. `most` is at least 4.
[[nodiscard]] std::string cut_to(std::string_view text, std::size_t most);

}  // namespace trapline::sinks
