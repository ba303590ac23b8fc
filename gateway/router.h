// The router: reads EVENTs in order, decides, and puts each decision on record as an OUTCOME.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/log.h"
#include "gateway/journal/journal.h"
#include "gateway/journal/outcome_record.h"

namespace trapline::gateway {

// What the router has done, as of one position: read EVENTs (from where it went on at start) up to
// `position`.
struct RouterFigures {
  journal::Lsn position;
  std::uint64_t read = 0;
  std::uint64_t lost =
      0;  // EVENTs it could not read: damage or missing files, counted by the journal's totals
};

// Without rules every event goes to every sink. One thread calls step or run; figures may be asked
// by any.
class Router {
 public:
  // Goes on behind the last EVENT that has an OUTCOME. `sinks` are the names decisions carry.
  // Everything outlives it.
  Router(journal::Journal& journal, std::vector<std::string> sinks, const base::Clock& clock,
         base::Log& log);

  // Decides what is there now, at most one batch. True when it did anything.
  bool step();
  // Steps and waits until `stop` is requested.
  void run(std::stop_token stop);
  // Ends a wait of `run`, now or next. Any thread.
  void interrupt() { reader_->interrupt(); }
  [[nodiscard]] RouterFigures figures() const;

  // Called before each batch, on the router's thread: tests slow the router down with it.
  std::function<void()> before_batch;

 private:
  void decide(const journal::RecordView& event);
  void report_gap(const journal::Gap& gap);
  void compare_totals(const journal::Standing& checkpoint, const journal::RecordRef& at);
  void append(const journal::Outcome& outcome, base::WallTime received);

  journal::Journal& journal_;
  const base::Clock& clock_;
  base::Log& log_;
  const std::vector<std::string> sinks_;
  const std::vector<std::string_view> sink_names_;
  const std::unique_ptr<journal::Reader> reader_;
  std::unique_ptr<journal::AppendBatch> batch_;
  base::Guarded<RouterFigures> figures_;
  RouterFigures working_;
  const std::uint64_t events_before_;  // EVENTs decided or given up before this start
};

}  // namespace trapline::gateway
