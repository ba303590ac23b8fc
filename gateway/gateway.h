// The gateway: who owns what, and in which order it starts and stops.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/result.h"
#include "gateway/config/config.h"
#include "gateway/dead_letter_log.h"
#include "gateway/engine_store.h"
#include "gateway/journal/journal.h"
#include "gateway/letter_retry.h"
#include "gateway/pipeline.h"
#include "gateway/poison.h"
#include "gateway/status.h"
#include "gateway/v3_engine.h"

namespace trapline::gateway {

// The world a gateway runs in. All of it outlives the gateway.
struct Seams {
  journal::Fs& fs;
  const base::Clock& clock;
  base::Random& random;
  base::Log& log;
  // Whether the file of deaths is this process's: one gateway per process can have it.
  bool note_deaths = false;
};

// A running gateway. `start` and `stop` belong to one thread; the rest to any.
class Gateway {
 public:
  // Binds the sockets, opens the journal, starts the threads. From then on datagrams are taken.
  // `rules` are those of `config`, compiled; null when it has none. Failing, says why in one line,
  // with what to do; nothing is left running.
  [[nodiscard]] static base::Result<std::unique_ptr<Gateway>, std::string> start(
      Config config, std::shared_ptr<const rules::RuleSet> rules, const Seams& seams);
  // Stops without draining, if `stop` was not called.
  ~Gateway();

  // Drains (at most config.drain) and ends. True when nothing was left undone.
  bool stop();

  // True while datagrams are taken and the journal can store them.
  [[nodiscard]] bool ready() const;
  [[nodiscard]] StatusReport status() const;
  // Logs the books now.
  void log_books(std::string_view id, std::string_view message) const;
  // The remote engines of SNMPv3, as JSON.
  [[nodiscard]] std::string engines_json() const;
  // Has a remote engine forgotten, as soon as that is durable: it may then begin again with any
  // boots. False when it is not known.
  bool forget_engine(base::Bytes engine_id);
  // Has dead letters go to their sinks once more; see LetterRetry. One thread at a time.
  [[nodiscard]] LetterRetry& letter_retry() { return *letter_retry_; }
  // Goes on under other rules, compiled for the sinks that run.
  void exchange_rules(std::shared_ptr<const rules::RuleSet> rules) {
    pipeline_->exchange_rules(std::move(rules));
  }
  // What is raised now, in order of key.
  [[nodiscard]] std::vector<rules::Problem> problems() const { return pipeline_->problems(); }
  // Closes and opens the sinks' files anew.
  void reopen_files() { pipeline_->reopen_files(); }
  [[nodiscard]] const Config& config() const { return config_; }

 private:
  Gateway(Config config, const Seams& seams);
  [[nodiscard]] base::Result<void, std::string> open_journal();
  [[nodiscard]] base::Result<void, std::string> start_v3();
  void load_poison();
  void warn_of_small_buffers() const;

  const Config config_;
  const Seams seams_;
  const base::BootTime started_at_;
  EngineStore engines_;
  DeadLetterLog dead_letters_;
  std::unique_ptr<journal::Journal> journal_;
  PoisonList poison_;
  std::unique_ptr<LetterRetry> letter_retry_;
  std::unique_ptr<V3Engine> v3_;  // null while no user is configured
  RuleStateStore rule_states_;
  std::unique_ptr<Pipeline> pipeline_;
};

}  // namespace trapline::gateway
