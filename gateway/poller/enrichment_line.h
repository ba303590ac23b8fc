// EnrichmentLine: the thread that asks devices for rules, and all that it owns.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "gateway/answer_seeker.h"
#include "gateway/config/config.h"
#include "gateway/poller/enricher.h"
#include "gateway/poller/poller.h"

namespace trapline::gateway {

// `start` and `stop` belong to one thread, the rest to any.
class EnrichmentLine final : public AnswerSeeker {
 public:
  // All referred to outlives it. `on_answer` is called on its thread.
  EnrichmentLine(const PollerConfig& config, const base::Clock& clock, base::Random& random,
                 base::Log& log, std::function<void()> on_answer);
  ~EnrichmentLine() override;

  // Starts the thread; before, wishes are kept.
  void start();
  // Ends it: what is open is not answered any more.
  void stop();
  void seek(std::vector<rules::EnrichmentWish> wishes) override;
  void take_answers(const std::function<void(const journal::Answer&)>& take) override;
  [[nodiscard]] EnricherFigures figures() const;
  // What was sent to devices and what came from them, as its thread tells it; as it last told it
  // when it does not within a moment. One call at a time.
  [[nodiscard]] PollerCounters packets() const;

 private:
  class Thread;
  std::unique_ptr<Thread> thread_;
};

}  // namespace trapline::gateway
