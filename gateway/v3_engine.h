// The gateway's own SNMPv3 engine: identity, users, and what it knows of other engines.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/result.h"
#include "gateway/config/config.h"
#include "gateway/engine_store.h"
#include "gateway/journal/journal.h"
#include "gateway/reception.h"
#include "gateway/report_budget.h"
#include "gateway/status.h"
#include "protocol/usm/local_engine.h"

namespace trapline::gateway {

// Exists while users are configured. Everything it is made from outlives it.
class V3Engine {
 public:
  // Counts this start (see load_engine_identity). `store` holds what the journal knew.
  [[nodiscard]] static base::Result<std::unique_ptr<V3Engine>, std::string> start(
      const Config& config, EngineStore& store, journal::Fs& fs, const base::Clock& clock,
      base::Random& random);

  // What receptions need of it.
  [[nodiscard]] const V3Reception& reception() const { return reception_; }
  [[nodiscard]] const protocol::usm::LocalEngine& identity() const { return identity_; }
  [[nodiscard]] const protocol::usm::UsmStats& stats() const { return stats_; }

 private:
  V3Engine(const Config& config, EngineStore& store, protocol::usm::LocalEngine identity,
           base::Random& random);

  const protocol::usm::LocalEngine identity_;
  protocol::usm::SaltCounters salts_;
  protocol::usm::UsmStats stats_;
  ReportBudget reports_;
  const V3Reception reception_;
};

// The engine's part of `status`, as of now.
[[nodiscard]] V3Report v3_report(const V3Engine& engine, const EngineStore& remote,
                                 base::BootTime now);
// All remote engines as a JSON document, the longest unheard of first; `own` may be null.
[[nodiscard]] std::string engines_json(const protocol::usm::LocalEngine* own,
                                       const EngineStore& remote, const base::Clock& clock);

}  // namespace trapline::gateway
