// The journal as a sink worker sees it: the OUTCOMEs that name one sink, each with its event.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include "gateway/event_ids.h"
#include "gateway/journal/journal.h"
#include "gateway/journal/outcome_record.h"
#include "gateway/poison.h"
#include "protocol/decode.h"
#include "sinks/dead_letters.h"
#include "sinks/outcome_source.h"

namespace trapline::gateway {

// One per sink worker, used by its thread (`interrupt` by any). `journal` outlives it.
class JournalOutcomes final : public sinks::OutcomeSource {
 public:
  // The OUTCOMEs that name `sink`, from its recovered cursor on.
  JournalOutcomes(journal::Journal& journal, std::string sink);
  // All OUTCOMEs, from the present on, and no cursor: for a terminal.
  explicit JournalOutcomes(journal::Journal& journal);

  Next next(rules::RoutedTrap& event, std::uint64_t& outcome_lsn) override;
  [[nodiscard]] std::uint64_t gap_events() const override { return gap_events_; }
  [[nodiscard]] std::uint64_t position_lsn() const override { return position_.value; }
  void rewind(const sinks::SinkCursor& cursor) override;
  std::uint64_t skip_to_present() override;
  void wait(base::BootTime deadline) override { reader_->wait(deadline); }
  void interrupt() override { reader_->interrupt(); }
  [[nodiscard]] sinks::SinkCursor cursor() const override;
  void save(const sinks::SinkCursor& cursor) override;

  // Has events that ended the process too often put among `letters` instead of being handed out:
  // they come as gaps of one. Both outlive this. Before the first `next`.
  void set_poison(const PoisonList& poison, sinks::DeadLetters& letters) {
    poison_ = &poison;
    letters_ = &letters;
  }

  // The records behind the event that `next` has just handed out; valid as long as it.
  struct Records {
    journal::RecordView outcome;
    journal::RecordView event;
  };
  [[nodiscard]] const Records& current() const { return current_; }

 private:
  [[nodiscard]] bool is_for_us(base::Bytes payload);
  [[nodiscard]] bool load(const journal::RecordView& record, rules::RoutedTrap& event);
  [[nodiscard]] bool set_aside(const journal::RecordView& record);
  Next comes_again(const journal::RecordView& record);
  [[nodiscard]] bool fill();
  [[nodiscard]] bool count_missing(const journal::RecordView& record);
  void move_to(journal::Lsn position);

  journal::Journal& journal_;
  const std::string sink_;
  const bool everything_;
  const std::unique_ptr<journal::Reader> reader_;
  journal::Lsn position_;  // the last record handed out or passed over
  std::span<const journal::RecordView> batch_;
  std::size_t next_in_batch_ = 0;
  journal::Lsn batch_end_;
  std::uint64_t gap_events_ = 0;
  std::uint64_t routed_seen_ = 0;  // OUTCOMEs for us up to `position_`, as the standing counts them

  // The last list of sinks and what was made of it: runs of equal lists are the rule.
  std::string known_list_;
  bool known_answer_ = false;

  const PoisonList* poison_ = nullptr;
  sinks::DeadLetters* letters_ = nullptr;
  std::set<std::uint64_t> aside_;  // LSNs of poison whose letters are written

  journal::OutcomeScratch outcome_scratch_;
  protocol::DecodeScratch decode_scratch_;
  EventIds ids_;
  Records current_;
};

}  // namespace trapline::gateway
