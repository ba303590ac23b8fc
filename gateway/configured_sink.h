// One sink of the configuration, of whatever type: all that the rest of the gateway knows of types.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "gateway/config/config.h"
#include "protocol/mib/mib_index.h"
#include "sinks/event_json_cache.h"
#include "sinks/files.h"
#include "sinks/forward_guard.h"
#include "sinks/lane_worker.h"
#include "sinks/problem_board.h"
#include "sinks/sink.h"
#include "sinks/snmp_options.h"

namespace trapline::gateway {

// What a sink is made of beside its configuration. Everything outlives the sink.
struct SinkParts {
  sinks::Files& files;
  const base::Clock& clock;
  const protocol::mib::MibIndex& mibs;
  base::Random& random;
  base::Log& log;
  // What the sinks that want an event's JSON share; may be null.
  sinks::EventJsonCache* json = nullptr;
  sinks::ForwardGuard* guard = nullptr;           // null while nothing is forwarded
  std::uint64_t seed = 0;                         // secret, the same after a restart
  const sinks::SnmpIdentity* identity = nullptr;  // null while no SNMPv3 user is configured
  // Where sinks that tell what is raised again and again find it; null: they do not.
  sinks::ProblemBoard* board = nullptr;
  std::span<const rules::EnrichmentSpec> enrichments = {};  // what templates may name
};

// How a LaneWorker drives a sink that answers event by event.
struct LanedDrive {
  std::uint32_t window_events = 0;  // at the sink at most
  sinks::LaneOptions lanes;
};

// A view of a sink's section: whoever adds a type says here all that a type must be able to do.
// Immutable: any thread.
class ConfiguredSink {
 public:
  virtual ~ConfiguredSink() = default;

  // Its name under `sinks`.
  [[nodiscard]] virtual std::string_view name() const = 0;
  // Keys that every type has.
  [[nodiscard]] virtual bool required() const = 0;
  [[nodiscard]] virtual bool start_oldest() const = 0;
  // Whether it gives the destination the event's JSON.
  [[nodiscard]] virtual bool wants_json() const = 0;
  // How it is driven; nothing when an OrderedWorker is to drive it.
  [[nodiscard]] virtual std::optional<LanedDrive> drive() const = 0;
  // Makes the sink. Touches neither disk nor network before `open`.
  [[nodiscard]] virtual std::unique_ptr<sinks::Sink> make(const SinkParts& parts) const = 0;
  // Goes to the destination as far as can be done without giving it an event, within seconds. What
  // failed and what to do about it, behind "sink `NAME` "; nothing when all is well. Leaves nothing
  // behind.
  [[nodiscard]] virtual std::optional<std::string> probe() const = 0;
};

using ConfiguredSinks = std::vector<std::unique_ptr<ConfiguredSink>>;

// All sinks of `config`, which must outlive them and whatever they make; type by type, each type in
// the order of the configuration.
[[nodiscard]] ConfiguredSinks configured_sinks(const Config& config);

}  // namespace trapline::gateway
