#include "rules/rule_engine.h"

#include <algorithm>
#include <unordered_map>

#include "rules/event_evaluator.h"
#include "rules/state_codec.h"
#include "rules/synthetic_maker.h"

namespace trapline::rules {
namespace {

constexpr std::size_t kMostCauses = 16;

std::int64_t later(base::RuleTime time, std::chrono::nanoseconds by) {
  return time.since_epoch_ns + by.count();
}

KeptEvent keep(const Event& event) {
  return {{event.encoded.begin(), event.encoded.end()}, {std::string(event.id)}};
}

}  // namespace

RuleEngine::RuleEngine(std::shared_ptr<const RuleSet> rules, EventCodec& codec) : codec_(codec) {
  memory_.figures.resize(rules->rules().size());
  memory_.rules = std::move(rules);
}

RuleEngine::~RuleEngine() = default;

void RuleEngine::advance(std::string_view id, base::RuleTime time, Evaluation& out) {
  TableId table;
  for (std::size_t fired = 0; fired < kMostFired; ++fired) {
    const auto entry = memory_.state.take_due(time.since_epoch_ns, table);
    if (!entry) return;
    fire(table, *entry, id, time, out);
  }
}

void RuleEngine::evaluate(const Event& event, Evaluation& out, std::vector<RuleTrace>* trace) {
  out.event_ = &event;
  out.wishes_.clear();
  EventEvaluator(memory_, event, out, trace).run();
}

void RuleEngine::apply(Evaluation& out) {
  if (out.event_ == nullptr) return;
  const Event& event = *out.event_;
  matched_ = out.matched_;
  for (const auto& [rule, figures] : out.counted_) memory_.figures[rule] += figures;
  out.counted_.clear();
  // The event itself is raised or cleared before what it brings about.
  const auto about_problem = [](const StateEffect& effect) {
    return effect.kind >= StateEffect::Kind::hold_begin;
  };
  for (const StateEffect& effect : out.effects()) {
    if (about_problem(effect)) apply_effect(effect, event, out);
  }
  for (const StateEffect& effect : out.effects()) {
    if (!about_problem(effect)) apply_effect(effect, event, out);
  }
  out.effect_count_ = 0;
  out.event_ = nullptr;
}

void RuleEngine::apply_effect(const StateEffect& effect, const Event& event, Evaluation& out) {
  using Kind = StateEffect::Kind;
  TableId touched;
  switch (effect.kind) {
    case Kind::dedup_begin:
      begin_window(Synthetic::dedup, effect, event, *memory_.rules->rules()[effect.rule].dedup);
      touched = {effect.rule, Synthetic::dedup};
      break;
    case Kind::dedup_suppress: suppress(Synthetic::dedup, effect, event); break;
    case Kind::limit_pass:
      pass_limit(effect, event);
      touched = {effect.rule, Synthetic::limit};
      break;
    case Kind::limit_suppress: suppress(Synthetic::limit, effect, event); break;
    case Kind::threshold:
      count_threshold(effect, event, out);
      touched = {effect.rule, Synthetic::threshold};
      break;
    case Kind::absent:
      see_present(effect, event);
      touched = {effect.rule, Synthetic::absent};
      break;
    case Kind::hold_begin:
      hold(effect, event);
      touched = {effect.rule, Synthetic::hold};
      break;
    case Kind::hold_cancel:
      if (const auto held = memory_.state.hold_of(effect.key)) {
        memory_.state.remove(*held, effect.key);
      }
      break;
    case Kind::problem_raise:
      memory_.problems.raise({effect.key, std::string(event.id), effect.severity, effect.summary, 1,
                              event.time, event.time, effect.labels});
      memory_.problems.tell(effect.key, effect.severity, effect.summary, effect.sinks);
      break;
    case Kind::problem_repeat:
      memory_.problems.repeat(effect.key, event.time);
      memory_.problems.tell(effect.key, effect.severity, effect.summary, effect.sinks);
      break;
    case Kind::problem_clear: memory_.problems.clear(effect.key); break;
  }
  give_up_excess(touched, event.id, event.time, out);
}

void RuleEngine::begin_window(Synthetic kind, const StateEffect& effect, const Event& event,
                              const Window& window) {
  StateEntry entry;
  entry.kind = kind;
  entry.key = effect.key;
  entry.due = later(event.time, window.span);
  entry.passed = 1;
  memory_.state.add({effect.rule, kind}, std::move(entry));
}

void RuleEngine::pass_limit(const StateEffect& effect, const Event& event) {
  const TableId id{effect.rule, Synthetic::limit};
  if (memory_.state.find(id, effect.key) == nullptr) {
    return begin_window(id.kind, effect, event, *memory_.rules->rules()[effect.rule].limit);
  }
  memory_.state.change(id, effect.key, [](StateEntry& entry) { ++entry.passed; });
}

void RuleEngine::suppress(Synthetic kind, const StateEffect& effect, const Event& event) {
  memory_.state.change({effect.rule, kind}, effect.key, [&](StateEntry& entry) {
    if (entry.suppressed++ != 0) return;
    entry.first = event.time.since_epoch_ns;
    entry.event = keep(event);
    entry.verdict = KeptVerdict{
        effect.severity,
        effect.problem_key,
        effect.summary,
        effect.tags,
        {matched_.begin(), matched_.begin() + static_cast<std::ptrdiff_t>(effect.rules)}};
  });
}

// The latest `count` times, as a ring: when the oldest of them is recent enough, it fires.
void RuleEngine::count_threshold(const StateEffect& effect, const Event& event, Evaluation& out) {
  const TableId id{effect.rule, Synthetic::threshold};
  const Window& window = *memory_.rules->rules()[effect.rule].threshold;
  const std::int64_t now = event.time.since_epoch_ns;
  const std::int64_t due = later(event.time, window.span);
  if (memory_.state.find(id, effect.key) == nullptr) {
    StateEntry entry;
    entry.kind = id.kind;
    entry.key = effect.key;
    entry.due = due;
    memory_.state.add(id, std::move(entry));
  }
  bool fires = false;
  memory_.state.change(id, effect.key, [&](StateEntry& entry) {
    if (entry.times.size() < window.count) {
      entry.times.push_back(now);
    } else {
      entry.times[entry.oldest] = now;
      entry.oldest = (entry.oldest + 1) % window.count;
    }
    auto& causes = entry.event.causes;
    causes.emplace_back(event.id);
    if (causes.size() > std::min<std::size_t>(window.count, kMostCauses)) {
      causes.erase(causes.begin());
    }
    fires = entry.times.size() == window.count && now >= entry.quiet_until &&
            now - entry.times[entry.oldest] < window.span.count();
    if (fires) entry.quiet_until = due;
  });
  if (fires) {
    KeptEvent kept = keep(event);
    kept.causes = memory_.state.find(id, effect.key)->event.causes;
    SyntheticMaker(memory_, codec_, out)
        .make({id.kind, id.rule, event.id, event.time, 0, {}}, kept, nullptr);
  }
  memory_.state.renew(id, effect.key, due);
}

void RuleEngine::see_present(const StateEffect& effect, const Event& event) {
  const TableId id{effect.rule, Synthetic::absent};
  const std::int64_t due = later(event.time, memory_.rules->rules()[effect.rule].absent->span);
  if (memory_.state.find(id, effect.key) != nullptr) {
    memory_.state.change(id, effect.key, [&](StateEntry& entry) { entry.event = keep(event); });
    return memory_.state.renew(id, effect.key, due);
  }
  StateEntry entry;
  entry.kind = id.kind;
  entry.key = effect.key;
  entry.due = due;
  entry.event = keep(event);
  memory_.state.add(id, std::move(entry));
}

void RuleEngine::hold(const StateEffect& effect, const Event& event) {
  StateEntry entry;
  entry.kind = Synthetic::hold;
  entry.key = effect.key;
  entry.due = later(event.time, memory_.rules->rules()[effect.rule].hold);
  entry.event = keep(event);
  entry.verdict = KeptVerdict{effect.severity,
                              effect.problem_key,
                              effect.summary,
                              effect.tags,
                              {matched_.begin(), matched_.end()}};
  memory_.state.add({effect.rule, Synthetic::hold}, std::move(entry));
}

void RuleEngine::fire(const TableId& id, const StateEntry& entry, std::string_view record_id,
                      base::RuleTime time, Evaluation& out) {
  const bool own_words = entry.kind == Synthetic::absent || entry.kind == Synthetic::threshold;
  SyntheticMaker(memory_, codec_, out)
      .make({entry.kind, id.rule, record_id, time, entry.suppressed, {entry.first}}, entry.event,
            own_words ? nullptr : &entry.verdict);
}

// What must go for room and has something to say, says it now. An absence has not come about.
void RuleEngine::give_up_excess(TableId id, std::string_view record_id, base::RuleTime time,
                                Evaluation& out) {
  while (const auto entry = memory_.state.take_excess(id)) {
    ++memory_.evicted;
    if (entry->is_loud() && entry->kind != Synthetic::absent) {
      fire(id, *entry, record_id, time, out);
    }
  }
}

void RuleEngine::resumed(std::chrono::nanoseconds down) {
  if (down.count() > 0) memory_.state.postpone_absences(down.count());
}

std::optional<base::RuleTime> RuleEngine::next_due() const {
  const auto due = memory_.state.next_loud();
  if (!due) return std::nullopt;
  return base::RuleTime{*due};
}

void RuleEngine::exchange(std::shared_ptr<const RuleSet> rules) {
  memory_.state = carry_over(memory_.state, *memory_.rules, *rules);
  memory_.candidates.clear();
  carry_figures(*rules);
  memory_.rules = std::move(rules);
}

// Rules are counted by their names.
void RuleEngine::carry_figures(const RuleSet& after) {
  std::unordered_map<std::string_view, RuleFigures> known;
  for (std::size_t i = 0; i < memory_.figures.size(); ++i) {
    known.emplace(memory_.rules->rules()[i].name, memory_.figures[i]);
  }
  std::vector<RuleFigures> figures;
  for (const CompiledRule& rule : after.rules()) figures.push_back(known[rule.name]);
  memory_.figures = std::move(figures);
}

void RuleEngine::save(std::vector<std::byte>& out) const {
  encode_state(memory_.state, memory_.problems, *memory_.rules, out);
}

bool RuleEngine::restore(base::Bytes saved) {
  memory_.state = {};
  memory_.problems = {};
  if (decode_state(saved, *memory_.rules, memory_.state, memory_.problems)) return true;
  memory_.state = {};
  memory_.problems = {};
  return false;
}

std::vector<Problem> RuleEngine::problems() const {
  const auto& all = memory_.problems.all();
  std::vector<Problem> sorted(all.begin(), all.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const Problem& a, const Problem& b) { return a.key < b.key; });
  return sorted;
}

StateFigures RuleEngine::state_figures() const {
  return {memory_.state.keys(), memory_.state.bytes(), memory_.problems.all().size(),
          memory_.evicted, memory_.problems.evicted()};
}

}  // namespace trapline::rules
