// The `poller` section: what devices are asked for rules, and how.
#pragma once

#include <vector>

#include "gateway/config/config.h"
#include "gateway/config/field_reader.h"
#include "rules/rule_spec.h"

namespace trapline::gateway {

inline constexpr std::size_t kMaxPollerAuths = 256;
inline constexpr std::size_t kMaxPollerDevices = 4'096;
inline constexpr std::size_t kMaxEnrichments = 64;
inline constexpr std::size_t kMaxEnrichmentMembers = 32;

// Reads `poller` of the top level, if it is there. Turns SNMPv3 passwords into keys, about a
// millisecond each. What templates of OIDs mean is for RuleSet::compile.
void read_poller(FieldReader& top, ConfigProblems& problems, PollerConfig& poller,
                 std::vector<rules::EnrichmentSpec>& enrichments);

// Reads only what the rules need of it, and no secret.
void read_enrichments(FieldReader& top, ConfigProblems& problems,
                      std::vector<rules::EnrichmentSpec>& enrichments);

}  // namespace trapline::gateway
