#include "rules/state_codec.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <string>

namespace trapline::rules {
namespace {

constexpr std::uint8_t kFormat = 2;
constexpr std::uint64_t kOrphanHash = 0;
constexpr char kBeforeSerial = '\x1e';
constexpr std::size_t kMostTimes = kMaxThresholdCount;

class Writer {
 public:
  explicit Writer(std::vector<std::byte>& out) : out_(out) {}
  template <class Number>
  void number(Number value) {
    const std::size_t at = out_.size();
    out_.resize(at + sizeof value);
    std::memcpy(out_.data() + at, &value, sizeof value);
  }
  void octets(base::Bytes bytes) {
    number(static_cast<std::uint32_t>(bytes.size()));
    out_.insert(out_.end(), bytes.begin(), bytes.end());
  }
  void text(std::string_view text) { octets(base::as_bytes(text)); }

 private:
  std::vector<std::byte>& out_;
};

// Once something is missing, everything reads as zero and `good` is false.
class Source {
 public:
  explicit Source(base::Bytes in) : in_(in) {}
  template <class Number>
  Number number() {
    Number value{};
    const base::Bytes bytes = take(sizeof value);
    if (good_) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  base::Bytes octets() { return take(number<std::uint32_t>()); }
  std::string text() { return std::string(base::as_text(octets())); }
  // A count of things of at least `least` octets each.
  std::uint32_t count(std::size_t least) {
    const auto value = number<std::uint32_t>();
    if (value > in_.size() / least) good_ = false;
    return good_ ? value : 0;
  }
  void fail() { good_ = false; }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool at_end() const { return in_.empty(); }

 private:
  base::Bytes take(std::size_t size) {
    if (size > in_.size()) good_ = false;
    if (!good_) return {};
    const base::Bytes taken = in_.first(size);
    in_ = in_.subspan(size);
    return taken;
  }

  base::Bytes in_;
  bool good_ = true;
};

void write_texts(const std::vector<std::string>& texts, Writer& out) {
  out.number(static_cast<std::uint32_t>(texts.size()));
  for (const std::string& text : texts) out.text(text);
}

std::vector<std::string> read_texts(Source& in) {
  std::vector<std::string> texts;
  for (auto left = in.count(4); left != 0 && in.good(); --left) texts.push_back(in.text());
  return texts;
}

using TextPairs = std::vector<std::pair<std::string, std::string>>;

void write_pairs(const TextPairs& pairs, Writer& out) {
  out.number(static_cast<std::uint32_t>(pairs.size()));
  for (const auto& [name, value] : pairs) {
    out.text(name);
    out.text(value);
  }
}

TextPairs read_pairs(Source& in) {
  TextPairs pairs;
  for (auto left = in.count(8); left != 0 && in.good(); --left) {
    std::string name = in.text();
    pairs.emplace_back(std::move(name), in.text());
  }
  return pairs;
}

void write_verdict(const KeptVerdict& verdict, Writer& out) {
  out.number(static_cast<std::uint8_t>(verdict.severity));
  out.text(verdict.key);
  out.text(verdict.summary);
  write_pairs(verdict.tags, out);
  write_texts(verdict.rules, out);
}

Severity read_severity(Source& in) {
  const auto number = in.number<std::uint8_t>();
  if (number > static_cast<std::uint8_t>(Severity::cleared)) in.fail();
  return in.good() ? static_cast<Severity>(number) : Severity::info;
}

KeptVerdict read_verdict(Source& in) {
  KeptVerdict verdict;
  verdict.severity = read_severity(in);
  verdict.key = in.text();
  verdict.summary = in.text();
  verdict.tags = read_pairs(in);
  verdict.rules = read_texts(in);
  return verdict;
}

void write_entry(const StateEntry& entry, Writer& out) {
  out.number(static_cast<std::uint8_t>(entry.kind));
  out.text(entry.key);
  for (const std::int64_t number : {entry.due, entry.first, entry.quiet_until}) {
    out.number(number);
  }
  out.number(entry.passed);
  out.number(entry.suppressed);
  out.number(entry.oldest);
  out.number(static_cast<std::uint32_t>(entry.times.size()));
  for (const std::int64_t time : entry.times) out.number(time);
  out.octets(entry.event.encoded);
  write_texts(entry.event.causes, out);
  write_verdict(entry.verdict, out);
}

StateEntry read_entry(Source& in) {
  StateEntry entry;
  const auto kind = in.number<std::uint8_t>();
  if (kind == 0 || kind > static_cast<std::uint8_t>(Synthetic::absent)) in.fail();
  if (in.good()) entry.kind = static_cast<Synthetic>(kind);
  entry.key = in.text();
  entry.due = in.number<std::int64_t>();
  entry.first = in.number<std::int64_t>();
  entry.quiet_until = in.number<std::int64_t>();
  entry.passed = in.number<std::uint64_t>();
  entry.suppressed = in.number<std::uint64_t>();
  entry.oldest = in.number<std::uint32_t>();
  for (auto left = in.count(sizeof(std::int64_t)); left != 0; --left) {
    entry.times.push_back(in.number<std::int64_t>());
  }
  if (entry.times.size() > kMostTimes) in.fail();
  const bool sums_up = entry.kind == Synthetic::dedup || entry.kind == Synthetic::limit;
  if (entry.suppressed != 0 && !sums_up) in.fail();
  if (entry.oldest != 0 && entry.oldest >= entry.times.size()) in.fail();
  const base::Bytes encoded = in.octets();
  entry.event.encoded.assign(encoded.begin(), encoded.end());
  entry.event.causes = read_texts(in);
  entry.verdict = read_verdict(in);
  return entry;
}

void write_problem(const Problem& problem, Writer& out) {
  out.text(problem.key);
  out.text(problem.raise_id);
  out.number(static_cast<std::uint8_t>(problem.severity));
  out.text(problem.summary);
  out.number(problem.count);
  out.number(problem.first.since_epoch_ns);
  out.number(problem.last.since_epoch_ns);
  write_pairs(problem.labels, out);
  write_texts(problem.sinks, out);
}

Problem read_problem(Source& in) {
  Problem problem;
  problem.key = in.text();
  problem.raise_id = in.text();
  problem.severity = read_severity(in);
  problem.summary = in.text();
  problem.count = in.number<std::uint64_t>();
  problem.first = {in.number<std::int64_t>()};
  problem.last = {in.number<std::int64_t>()};
  problem.labels = read_pairs(in);
  problem.sinks = read_texts(in);
  return problem;
}

std::uint64_t hash_of(const RuleSet& rules, std::uint32_t rule) {
  return rule == TableId::kOrphans ? kOrphanHash : rules.rules()[rule].state_hash;
}

// Gathers entries of one set of rules into the state under another.
class Carrier {
 public:
  Carrier(const RuleSet& rules, RuleState& state) : state_(state) {
    for (std::uint32_t i = 0; i < rules.rules().size(); ++i) {
      numbers_.emplace(rules.rules()[i].state_hash, i);
    }
    rules_ = &rules;
  }

  // Entries of one table come one after the other, in the order in which they are due. False when
  // the entry cannot belong there.
  bool add(std::uint64_t hash, StateEntry entry) {
    const auto rule = numbers_.find(hash);
    if (rule == numbers_.end()) {
      if (entry.is_loud() && entry.kind != Synthetic::absent) {
        orphans_.emplace_back(hash, std::move(entry));
      }
      return true;
    }
    const TableId id{rule->second, entry.kind};
    if (!fits(id, entry) || state_.find(id, entry.key) != nullptr) return false;
    state_.add(id, std::move(entry));
    return true;
  }

  void finish() {
    std::stable_sort(orphans_.begin(), orphans_.end(),
                     [](const auto& a, const auto& b) { return a.second.due < b.second.due; });
    for (auto& [hash, entry] : orphans_) {
      const TableId id{TableId::kOrphans, Synthetic::none};
      if (entry.kind != Synthetic::hold) set_apart(hash, entry.key);
      if (state_.find(id, entry.key) == nullptr) state_.add(id, std::move(entry));
    }
  }

 private:
  // A held problem is known by its key; of the others several may have the same. What was an orphan
  // before has a number already.
  void set_apart(std::uint64_t hash, std::string& key) {
    if (hash == kOrphanHash) key.resize(std::min(key.size(), key.rfind(kBeforeSerial)));
    key += kBeforeSerial + std::to_string(++serial_);
  }
  [[nodiscard]] bool fits(TableId id, const StateEntry& entry) const {
    const CompiledRule& rule = rules_->rules()[id.rule];
    switch (entry.kind) {
      case Synthetic::dedup: return rule.dedup.has_value();
      case Synthetic::limit: return rule.limit.has_value();
      case Synthetic::absent: return rule.absent.has_value();
      case Synthetic::hold: return rule.hold.count() != 0;
      case Synthetic::threshold:
        return rule.threshold && entry.times.size() <= rule.threshold->count;
      case Synthetic::none:
      case Synthetic::device_unreachable:
      case Synthetic::device_reachable: return false;  // nothing is remembered for them
    }
    return false;
  }

  const RuleSet* rules_ = nullptr;
  RuleState& state_;
  std::map<std::uint64_t, std::uint32_t> numbers_;
  std::vector<std::pair<std::uint64_t, StateEntry>> orphans_;
  std::uint64_t serial_ = 0;
};

}  // namespace

void encode_state(const RuleState& state, const ProblemTable& problems, const RuleSet& rules,
                  std::vector<std::byte>& bytes) {
  Writer out(bytes);
  out.number(kFormat);
  const auto tables = state.tables();
  out.number(static_cast<std::uint32_t>(tables.size()));
  for (const auto& [id, table] : tables) {
    out.number(hash_of(rules, id.rule));
    out.number(static_cast<std::uint32_t>(table->size()));
    for (const StateEntry& entry : table->entries()) write_entry(entry, out);
  }
  out.number(static_cast<std::uint32_t>(problems.all().size()));
  for (const Problem& problem : problems.all()) write_problem(problem, out);
}

bool decode_state(base::Bytes saved, const RuleSet& rules, RuleState& state,
                  ProblemTable& problems) {
  Source in(saved);
  if (in.number<std::uint8_t>() != kFormat) return false;
  Carrier carrier(rules, state);
  for (auto tables = in.count(12); tables != 0 && in.good(); --tables) {
    const auto hash = in.number<std::uint64_t>();
    for (auto entries = in.count(50); entries != 0 && in.good(); --entries) {
      StateEntry entry = read_entry(in);
      if (in.good() && !carrier.add(hash, std::move(entry))) return false;
    }
  }
  if (!in.good()) return false;
  carrier.finish();
  for (auto left = in.count(30); left != 0 && in.good(); --left) {
    Problem problem = read_problem(in);
    if (!in.good() || problems.find(problem.key) != nullptr) return false;
    problems.raise(std::move(problem));
  }
  return in.good() && in.at_end();
}

RuleState carry_over(const RuleState& state, const RuleSet& before, const RuleSet& after) {
  RuleState carried;
  Carrier carrier(after, carried);
  for (const auto& [id, table] : state.tables()) {
    const std::uint64_t hash = hash_of(before, id.rule);
    for (const StateEntry& entry : table->entries()) {
      // Rules of equal hash keep what fits; there is nothing to be damaged here.
      (void)carrier.add(hash, entry);
    }
  }
  carrier.finish();
  return carried;
}

}  // namespace trapline::rules
