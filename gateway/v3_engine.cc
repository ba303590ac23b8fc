#include "gateway/v3_engine.h"

#include "base/json_writer.h"
#include "gateway/engine_id_text.h"
#include "gateway/engine_identity.h"

namespace trapline::gateway {

V3Engine::V3Engine(const Config& config, EngineStore& store, protocol::usm::LocalEngine identity,
                   base::Random& random)
    : identity_(std::move(identity)),
      reports_(random.next()),
      reception_{{config.v3.users, identity_, store, salts_, stats_}, reports_} {
  salts_.aes = random.next();
  salts_.des = static_cast<std::uint32_t>(random.next());
}

base::Result<std::unique_ptr<V3Engine>, std::string> V3Engine::start(const Config& config,
                                                                     EngineStore& store,
                                                                     journal::Fs& fs,
                                                                     const base::Clock& clock,
                                                                     base::Random& random) {
  auto identity = load_engine_identity(fs, config.data_dir, config.v3.engine_id, clock, random);
  if (!identity) return identity.error();
  return std::unique_ptr<V3Engine>(new V3Engine(config, store, std::move(*identity), random));
}

V3Report v3_report(const V3Engine& engine, const EngineStore& remote, base::BootTime now) {
  const protocol::usm::UsmStats& stats = engine.stats();
  V3Report report;
  report.engine_id = engine_id_text(engine.identity().id);
  report.engine_boots = engine.identity().boots;
  report.engine_time = engine.identity().time_at(now);
  report.users = engine.reception().usm.users.all().size();
  report.remote_engines = remote.size();
  report.usm_stats = {stats.unsupported_sec_levels, stats.not_in_time_windows,
                      stats.unknown_user_names,     stats.unknown_engine_ids,
                      stats.wrong_digests,          stats.decryption_errors};
  return report;
}

std::string engines_json(const protocol::usm::LocalEngine* own, const EngineStore& remote,
                         const base::Clock& clock) {
  const base::BootTime now = clock.boot();
  std::string out;
  base::JsonWriter json(out);
  json.begin_object();
  json.key("engine_id");
  own == nullptr ? json.null() : json.value(engine_id_text(own->id));
  json.key("remote_engines"), json.begin_array();
  remote.for_each([&](const protocol::usm::RemoteEngine& engine) {
    const auto idle = std::chrono::duration_cast<std::chrono::seconds>(now - engine.seen_at);
    json.begin_object();
    json.key("engine_id"), json.value(engine_id_text(engine.id));
    json.key("boots"), json.value(engine.boots);
    json.key("time"), json.value(engine.latest_time);
    json.key("idle_secs"), json.value(std::int64_t{idle.count()});
    json.end_object();
  });
  json.end_array();
  json.end_object();
  return out;
}

}  // namespace trapline::gateway
