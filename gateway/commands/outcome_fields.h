// Decisions as names and values, for showing and comparing them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "gateway/decider.h"
#include "gateway/journal/outcome_record.h"

namespace trapline::gateway {

// What was decided, member by member, all of it; equal decisions have equal fields.
using OutcomeFields = std::vector<std::pair<std::string, std::string>>;
[[nodiscard]] OutcomeFields fields_of(const journal::Outcome& outcome);

// "severity=critical state=raise ..."; members that say nothing are left out. Both are for a
// terminal: control characters are escaped.
[[nodiscard]] std::string text_of(const OutcomeFields& fields);
// "severity: info -> critical, sinks: a -> a,b": only what differs.
[[nodiscard]] std::string difference_of(const OutcomeFields& before, const OutcomeFields& after);

// A value that a device answered, as people read it.
[[nodiscard]] std::string value_text(const protocol::VarBind& varbind,
                                     const protocol::mib::MibIndex& mibs);

}  // namespace trapline::gateway
