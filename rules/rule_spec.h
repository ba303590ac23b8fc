// Rules, routes and tables as they were written: read by the loader, compiled into a RuleSet.
//
// All plain values. A default-constructed member means that the key was absent. Only the shape is
// right (types of YAML, known keys, number ranges); whether names, expressions and templates mean
// anything is for `RuleSet::compile` to say.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rules/routed_trap.h"
#include "rules/source_text.h"

namespace trapline::rules {

// rules[].set: each a template, but the severity, which is a name or a template that gives one.
struct SetSpec {
  std::optional<SourceText> severity;
  std::optional<SourceText> summary;
  std::optional<SourceText> key;
  std::vector<std::pair<SourceText, SourceText>> tags;  // name, template of the value
  Place place;
};

// rules[].dedup: `window` in whole seconds; `by` are expressions, never empty.
struct DedupSpec {
  std::chrono::seconds window{0};
  std::vector<SourceText> by;
};

// rules[].limit: `count` events per `per`.
struct LimitSpec {
  std::uint32_t count = 0;
  std::chrono::seconds per{0};
  std::vector<SourceText> by;
};

// rules[].threshold: `count` events within `within`.
struct ThresholdSpec {
  std::uint32_t count = 0;
  std::chrono::seconds within{0};
  std::vector<SourceText> by;
};

// rules[].absent: silence of `after`.
struct AbsentSpec {
  std::chrono::seconds after{0};
  std::vector<SourceText> by;
};

// One entry of rules[].
struct RuleSpec {
  std::string name;
  Place place;
  std::vector<SourceText> match;  // names, OIDs, subtrees ("1.3.6.1.4.1.9.*"); empty: everything
  std::optional<SourceText> when;
  std::vector<SourceText> enrich;
  SetSpec set;
  std::optional<State> state;
  std::chrono::seconds hold{0};
  std::optional<DedupSpec> dedup;
  std::optional<LimitSpec> limit;
  std::optional<ThresholdSpec> threshold;
  std::optional<AbsentSpec> absent;
  bool drop = false;
  bool stop = false;
};

// A node of the route tree. The root has neither `when` nor `go_on`.
struct RouteSpec {
  Place place;
  std::optional<SourceText> when;
  std::vector<SourceText> sinks;
  bool go_on = false;  // `continue`
  std::vector<RouteSpec> routes;
};

enum class TableMatch : std::uint8_t { exact, longest_prefix };

// One entry of tables: its file's text has been read already.
struct TableSpec {
  std::string name;
  Place place;
  SourceText key;  // the column to look up by
  TableMatch match = TableMatch::exact;
  std::string file;     // as messages name it
  std::string content;  // CSV (RFC 4180), first line: column names
};

// One entry of poller.enrichments: what a device is asked.
struct EnrichmentSpec {
  std::string name;
  Place place;
  std::vector<std::pair<SourceText, SourceText>> get;  // member, template of an instance's OID
  std::chrono::seconds keep{600};                      // how long an answer is good
};

// Everything a RuleSet is made of.
struct RulesSpec {
  std::vector<RuleSpec> rules;
  std::vector<EnrichmentSpec> enrichments;
  RouteSpec routes;
  bool has_routes = false;  // without `routes`, every event that was not dropped goes to every sink
  std::vector<TableSpec> tables;
};

}  // namespace trapline::rules
