// What an expression is compiled to: a list of steps over a stack of values.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "protocol/mib/mib_index.h"
#include "protocol/oid.h"
#include "rules/condition.h"
#include "rules/expression_fields.h"
#include "rules/table.h"
#include "rules/value.h"

namespace trapline::rules {

// Each takes its operands from the stack, the last on top, and leaves one value.
enum class Step : std::uint8_t {
  constant,       // a: of constants
  field,          // a: a Field
  variable,       // a: of variables
  tag,            // a: of constants, the name
  enrichment,     // a: of constants, the enrichment; b: of constants, the member
  map,            // a: a MapKind or kFirstEnrichment + of enrichments
  varbinds,       //
  index,          // container, index
  varbind_field,  // a: a VarbindField; varbind
  lookup,         // a: of tables; key
  column,         // a: the number of the column; row
  list,           // a: how many
  skip_if_false,  // a: where to go on; of &&
  skip_if_true,   // a: where to go on; of ||
  choose,         // a: where the second branch begins, b: where all ends; condition
  jump,           // a: where to go on; takes and leaves nothing
  logical_and,
  logical_or,
  logical_not,
  negate,
  add,
  subtract,
  multiply,
  divide,
  modulo,
  equal,      // with b: of what stands there, and a, of constants
  not_equal,  // likewise
  less,
  less_equal,
  greater,
  greater_equal,
  in,
  starts_with,
  ends_with,
  contains,
  matches,  // a: of regexes
  holds,    // prefix, address; with b: a, of constants, is the prefix
  covers,   // OID, OID
  size,
  to_integer,
  to_uint,
  to_double,
  to_string,
  to_prefix,
  to_oid,
};

// Which map a value of Kind::map is.
inline constexpr std::uint16_t kVariablesMap = 0;
inline constexpr std::uint16_t kTagsMap = 1;
inline constexpr std::uint16_t kFirstEnrichmentMap = 2;  // then one for each, in their order

// One step. With `has`, one that selects says whether there is something to select. Aligned so that
// they are counted by shifts.
struct alignas(8) Instruction {
  Step step = Step::constant;
  bool has = false;
  std::uint16_t a = 0;
  std::uint16_t b = 0;
};

// vars.<label>: the objects it may mean.
struct Variable {
  // An object; `node` is null when only the OID is known.
  struct Target {
    protocol::Oid oid;
    const protocol::mib::Node* node = nullptr;
  };
  std::string_view label;
  std::vector<Target> targets;  // empty: compare names
  std::string_view missing;     // "no vars.ifIndex"
};

// One regex: alone, and as a member of a set when it is in one.
struct RegexRef {
  std::shared_ptr<const Regex> alone;
  std::optional<RegexSets::Member> member;
};

// Immutable once compiled. Constants view strings, prefixes and lists, which do not move.
struct Program {
  std::vector<Instruction> code;
  std::vector<Value> constants;
  std::deque<std::string> strings;
  std::deque<base::IpPrefix> prefixes;
  std::deque<protocol::Oid> oids;
  std::deque<std::vector<Value>> lists;
  std::vector<Variable> variables;
  std::vector<RegexRef> regexes;
  std::vector<const Table*> tables;
  std::vector<std::string_view> enrichments;
  const RegexSets* regex_sets = nullptr;
  std::optional<RegexSets::Member> guard;  // see Expression::guard
  bool wants_boolean = false;
};

}  // namespace trapline::rules
