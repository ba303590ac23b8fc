// Decider: turns the journal's records into OUTCOMEs, by the rules. For the router, which puts them
// on record, and for whoever replays a journal.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "gateway/answer_cache.h"
#include "gateway/event_ids.h"
#include "gateway/journal/event_record.h"
#include "gateway/journal/outcome_record.h"
#include "gateway/poison.h"
#include "gateway/silent_devices.h"
#include "gateway/waiting_room.h"
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
  // One OUTCOME, in the order in which they are decided, and the record it is about. What they view
  // is valid during the call.
  virtual void take(const journal::Outcome& outcome, const journal::RecordView& about) = 0;
};

// Takes decisions of which only the effects are wanted.
class NoOutcomes final : public OutcomeTaker {
 public:
  void take(const journal::Outcome& /*outcome*/, const journal::RecordView& /*about*/) override {}
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
  std::size_t waiting = 0;  // events that wait for the answer of a device
  std::size_t answers = 0;  // that are remembered
  std::size_t silent_devices = 0;
};

// Rules and their state, driven by records in the order of the log. One thread.
//
// An event whose rules ask a device something that no ANSWER has said yet waits, and later ones of
// its agent behind it, until the ANSWER is read or its time is spent; then it is decided under the
// rules active by then, at the rule time of what ended the wait. All of it is a function of the
// records read, so that a replay decides the same. An ANSWER by which a device falls silent, or is
// heard again, also brings about an event that says so.
class Decider {
 public:
  // Without `rules`, every event goes to every one of `sinks`.
  Decider(std::shared_ptr<const rules::RuleSet> rules, std::vector<std::string> sinks);

  // Marks what has come back from where it was forwarded to (VerdictFlag::loop), from now on.
  void watch_for_loops(sinks::ForwardGuard& guard) { guard_ = &guard; }

  // Passes on undecided what waited and is known to end the process, from now on.
  void watch_for_poison(const PoisonList& poison) { poison_ = &poison; }

  // The records a decider needs to see.
  [[nodiscard]] static journal::RecordMask wanted();
  // Takes the next record: an EVENT is decided or begins to wait, a TIMER moves the clock and is
  // closed, an ANSWER is remembered, ends waits and is closed, a CHECKPOINT may tell that the
  // gateway was down. `node` is the node id in the header of the record's
  // segment.
  void decide(const journal::RecordView& record, std::string_view node, OutcomeTaker& taker);
  // Takes a record that must not be looked into: an EVENT goes to every sink, flagged `rule_error`,
  // and the rules never hear of it; a TIMER or ANSWER is closed.
  void pass_undecided(const journal::RecordView& record, OutcomeTaker& taker);

  // How long events wait from now on.
  void set_budget(std::chrono::nanoseconds budget) { budget_ = budget; }
  // How many may wait at most, from now on.
  void set_most_waiting(std::size_t events) { room_.set_most(events); }
  // What is to be asked, each once until its ANSWER is read.
  [[nodiscard]] std::vector<rules::EnrichmentWish> take_wishes();
  // Before the records since a restore are gone through: these wait at the end of them, whatever
  // the rules of today say. It outlives that.
  void hold_back(const std::map<journal::Lsn, journal::RecordRef>& waiting) { held_ = &waiting; }
  // Behind them: those that wait and are not in `waiting` have been decided long ago. The rules
  // take note of them, and they go.
  void settle_waiting(const std::map<journal::Lsn, journal::RecordRef>& waiting);
  [[nodiscard]] bool is_waiting(journal::Lsn lsn) const { return room_.holds(lsn); }
  // Then takes an EVENT of `waiting` that nobody remembers: it waits again, in its place. One that
  // cannot wait is passed on.
  void resume_waiting(const journal::RecordView& record, std::string_view node,
                      OutcomeTaker& taker);
  // Then has everything asked again that those who wait wish for at this time.
  void ask_again(base::RuleTime now);
  // ANSWERs may be lost: whatever is wished for from now on is asked.
  void forget_asked() { wished_.clear(); }
  // Nothing more is to come: decides what still waits as if its time was spent.
  void give_up_waiting(OutcomeTaker& taker);

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
  // What the cache knows at one time; what it does not know is `otherwise`.
  class KnownAnswers final : public rules::EnrichmentAnswers {
   public:
    explicit KnownAnswers(const AnswerCache& cache) : cache_(cache) {}
    [[nodiscard]] rules::EnrichmentAnswer find(const rules::EnrichmentWish& wish) const override;
    base::RuleTime now;
    rules::AnswerState otherwise = rules::AnswerState::unknown;

   private:
    const AnswerCache& cache_;
  };

  void use(std::shared_ptr<const rules::RuleSet> rules);
  [[nodiscard]] std::shared_ptr<const rules::RuleSet> no_rules() const;
  void decide_event(const journal::RecordView& record, std::string_view node, OutcomeTaker& taker);
  void look_for_loop(const protocol::TrapMessage& message);
  [[nodiscard]] bool is_loop(const rules::Decision& decision);
  std::uint32_t decide_timer(const journal::RecordView& record, std::string_view node,
                             OutcomeTaker& taker);
  void decide_answer(const journal::RecordView& record, std::string_view node, OutcomeTaker& taker);
  void tell_of_device(const journal::RecordView& record, std::string_view id,
                      const base::IpAddress& device, rules::Synthetic change, OutcomeTaker& taker);
  void decide_now(const journal::RecordView& record, const rules::Event& event,
                  OutcomeTaker& taker);
  void evaluate(const rules::Event& event, rules::AnswerState otherwise);
  void wait(const journal::RecordView& record, const rules::Event& event, base::RuleTime deadline,
            OutcomeTaker& taker);
  [[nodiscard]] bool is_held(journal::Lsn lsn) const {
    return held_ != nullptr && held_->contains(lsn);
  }
  bool decide_first(const base::IpAddress& agent, rules::AnswerState otherwise,
                    OutcomeTaker& taker);
  bool decide_waiting(const WaitingEvent& waiting, rules::AnswerState otherwise,
                      OutcomeTaker& taker);
  void decide_queue(const base::IpAddress& agent, OutcomeTaker& taker);
  void decide_whose_turn_it_is(OutcomeTaker& taker);
  void make_room(const base::IpAddress& agent, std::size_t bytes, OutcomeTaker& taker);
  void note_wishes();
  void close(const journal::RecordView& record, OutcomeTaker& taker) const;
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
  const PoisonList* poison_ = nullptr;
  bool come_back_ = false;  // the event under decision

  std::chrono::nanoseconds budget_ = std::chrono::seconds(2);
  AnswerCache cache_;
  KnownAnswers answers_{cache_};
  SilentDevices silent_;
  WaitingRoom room_;
  const std::map<journal::Lsn, journal::RecordRef>* held_ = nullptr;
  std::size_t decided_ = 0;          // of those that waited, by the record in hand
  std::set<base::IpAddress> ready_;  // agents for whose events the record before left no time
  protocol::DecodeScratch waiting_scratch_;
  std::vector<std::byte> waiting_kept_;
  std::vector<rules::EnrichmentWish> wishes_;
  std::unordered_set<std::string> wished_;  // keys of what was wished and is not answered
};

}  // namespace trapline::gateway
