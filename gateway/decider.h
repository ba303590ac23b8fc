// Decider: turns the journal's records into OUTCOMEs, by the rules. For the router, which puts them
// on record, and for whoever replays a journal.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/event_ids.h"
#include "gateway/journal/event_record.h"
#include "gateway/journal/outcome_record.h"
#include "protocol/decode.h"
#include "rules/evaluation.h"
#include "rules/rule_engine.h"
#include "rules/rule_figures.h"
#include "sinks/forward_guard.h"

namespace trapline::gateway {

// Where decisions go.
class OutcomeTaker {
 public:
  virtual ~OutcomeTaker() = default;
  // One OUTCOME, in the order of the log. What it views is valid during the call. `received` is
  // that of the record it is about.
  virtual void take(const journal::Outcome& outcome, base::WallTime received) = 0;
};

// Makes messages again of the events that rules have kept (see EventCodec).
class KeptEvents final : public rules::EventCodec {
 public:
  bool decode(base::Bytes encoded, protocol::TrapMessage& message) override;

 private:
  protocol::DecodeScratch scratch_;
};

// What rules have done since the process began. Plain value.
struct RuleReport {
  std::size_t loaded = 0;
  std::vector<rules::NamedRuleFigures> rules;  // of those that counted anything, in their order
  rules::StateFigures state;
};

// Rules and their state, driven by records in the order of the log. One thread.
class Decider {
 public:
  // Without `rules`, every event goes to every one of `sinks`.
  Decider(std::shared_ptr<const rules::RuleSet> rules, std::vector<std::string> sinks);

  // Marks what has come back from where it was forwarded to (VerdictFlag::loop), from now on.
  void watch_for_loops(sinks::ForwardGuard& guard) { guard_ = &guard; }

  // The records a decider needs to see.
  [[nodiscard]] static journal::RecordMask wanted();
  // Takes the next record: an EVENT is decided, a TIMER moves the clock and is closed, a CHECKPOINT
  // may tell that the gateway was down. `node` is the node id in the header of the record's
  // segment.
  void decide(const journal::RecordView& record, std::string_view node, OutcomeTaker& taker);
  // Takes a record that must not be looked into: an EVENT goes to every sink, flagged `rule_error`,
  // and the rules never hear of it; a TIMER is closed.
  void pass_undecided(const journal::RecordView& record, OutcomeTaker& taker) const;

  // When a TIMER is due if no other record comes; nothing when none is.
  [[nodiscard]] std::optional<base::RuleTime> next_due() const;
  // Whether there are rules, and thus a state.
  [[nodiscard]] bool has_rules() const { return engine_ != nullptr; }
  // Goes on under other rules, which may be none: then every event goes to every sink, and what the
  // rules before had to say is said when it is due.
  void exchange(std::shared_ptr<const rules::RuleSet> rules);
  // The state of the rules, as RuleEngine has them.
  void save(std::vector<std::byte>& out) const;
  [[nodiscard]] bool restore(base::Bytes saved);
  [[nodiscard]] std::vector<rules::Problem> problems() const;
  // What the rules have done so far; nothing without rules.
  [[nodiscard]] std::optional<RuleReport> report() const;

 private:
  [[nodiscard]] std::shared_ptr<const rules::RuleSet> no_rules() const;
  void decide_event(const journal::RecordView& record, std::string_view node, OutcomeTaker& taker);
  [[nodiscard]] bool is_loop(const rules::Decision& decision);
  void pass_on(const journal::RecordView& record, OutcomeTaker& taker);
  void pass_everywhere(const journal::RecordView& record, OutcomeTaker& taker) const;

  const std::vector<std::string> sinks_;
  const std::vector<std::string_view> sink_names_;
  KeptEvents codec_;
  std::unique_ptr<rules::RuleEngine> engine_;  // null without rules
  rules::Evaluation evaluation_;
  EventIds ids_;
  protocol::DecodeScratch scratch_;
  std::vector<std::byte> kept_;
  sinks::ForwardGuard* guard_ = nullptr;
  bool come_back_ = false;  // the event under decision
};

}  // namespace trapline::gateway
