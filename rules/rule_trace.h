// How rules fared with an event, for people.
#pragma once

#include <string>
#include <string_view>

namespace trapline::rules {

// How one rule fared with one event. `rule` views the RuleSet.
struct RuleTrace {
  std::string_view rule;
  bool matched = false;
  std::string why;  // "match: another notification", "when: false", "when: no tags.team", ...
};

}  // namespace trapline::rules
