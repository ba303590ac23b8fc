#include "gateway/gateway.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "gateway/configured_sink.h"
#include "gateway/engine_id_text.h"
#include "gateway/inform_seed.h"

namespace trapline::gateway {
namespace {

constexpr std::size_t kMaxNodeBytes = 32;

// The host's name as a node id: [A-Za-z0-9_-]{1,32}.
std::string host_node() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  std::string node(name.data());
  node.resize(std::min(node.size(), kMaxNodeBytes));
  for (char& c : node) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-';
    if (!plain) c = '-';
  }
  return node.empty() ? "trapline" : node;
}

// The end of a forgotten engine, once that is on record.
class EngineForgotten final : public journal::DurableAction {
 public:
  EngineForgotten(EngineStore& engines, base::Log& log, base::Bytes id)
      : engines_(engines), log_(log), id_(id.begin(), id.end()) {}
  void durable(journal::Lsn /*first*/) override {
    engines_.forget(id_);
    log_.write(base::LogLevel::info, "v3.engine_forgotten",
               "a remote engine is forgotten: its next authentic trap sets boots and time",
               {{"engine_id", engine_id_text(id_)}});
  }

 private:
  EngineStore& engines_;
  base::Log& log_;
  const std::vector<std::byte> id_;
};

journal::JournalOptions journal_options(const Config& config) {
  journal::JournalOptions options;
  options.directory = config.data_dir + "/journal";
  options.node = config.node;
  options.default_node = host_node();
  options.max_bytes = config.journal.max_bytes;
  options.keep = config.journal.keep;
  options.trap_commit = config.journal.trap_commit;
  options.ring_bytes = config.journal.ring_bytes;
  options.duplicate_window = config.limits.duplicate_window;
  for (const auto& sink : configured_sinks(config)) {
    options.sinks.push_back({std::string(sink->name()), sink->required(), sink->start_oldest()});
  }
  return options;
}

}  // namespace

Gateway::Gateway(Config config, const Seams& seams)
    : config_(std::move(config)),
      seams_(seams),
      started_at_(seams.clock.boot()),
      engines_(seams.clock),
      dead_letters_(seams.fs, dead_letter_directory(config_.data_dir), seams.log),
      rule_states_(seams.fs, config_.data_dir + "/rules", seams.log,
                   RuleStateStore::Writing::background) {}

Gateway::~Gateway() = default;

base::Result<std::unique_ptr<Gateway>, std::string> Gateway::start(
    Config config, std::shared_ptr<const rules::RuleSet> rules, const Seams& seams) {
  std::unique_ptr<Gateway> gateway(new Gateway(std::move(config), seams));
  // Sockets first: a port in use is found before anything is touched, and the kernel queues
  // meanwhile.
  std::vector<std::unique_ptr<UdpListener>> listeners;
  for (const ListenerConfig& wanted : gateway->config_.listeners) {
    auto opened = UdpListener::open(wanted);
    if (!opened) return opened.error().message;
    std::move(opened->begin(), opened->end(), std::back_inserter(listeners));
  }
  if (const auto opened = gateway->open_journal(); !opened) return opened.error();
  if (const auto started = gateway->start_v3(); !started) return started.error();
  gateway->load_poison();
  gateway->letter_retry_ = std::make_unique<LetterRetry>(
      seams.fs, dead_letter_directory(gateway->config_.data_dir), *gateway->journal_,
      gateway->config_.sink_names, seams.random.next());
  const std::uint64_t seed = load_inform_seed(seams.fs, gateway->config_.data_dir, seams.random);
  gateway->pipeline_ = std::make_unique<Pipeline>(
      PipelineParts{
          gateway->config_, *gateway->journal_, seams.clock, seams.random, seams.log, seed,
          gateway->dead_letters_, gateway->v3_ ? &gateway->v3_->reception() : nullptr,
          RouterRules{std::move(rules), &gateway->rule_states_, nullptr, &gateway->poison_}},
      std::move(listeners));
  gateway->pipeline_->start();
  gateway->warn_of_small_buffers();
  return gateway;
}

base::Result<void, std::string> Gateway::open_journal() {
  std::string message;
  journal::JournalOptions options = journal_options(config_);
  options.engines = &engines_;
  auto opened =
      journal::Journal::open(options, seams_.fs, seams_.clock, seams_.random, seams_.log, message);
  if (!opened) return message;
  journal_ = std::move(*opened);
  return {};
}

// Before anything is handled.
void Gateway::load_poison() {
  if (!seams_.note_deaths) return;
  const std::string path = config_.data_dir + "/deaths";
  poison_ = PoisonList::load(path, journal_->recovered().standing.last, seams_.log);
  if (note_deaths_in(path)) return;
  seams_.log.write(base::LogLevel::warning, "gateway.deaths_not_noted",
                   "cannot write " + path +
                       ": an event that ends the process again and again is "
                       "not told from others");
}

// Nothing has been read from the sockets yet: whatever is answered counts this start.
base::Result<void, std::string> Gateway::start_v3() {
  if (config_.v3.users.empty()) return {};
  auto started = V3Engine::start(config_, engines_, seams_.fs, seams_.clock, seams_.random);
  if (!started) return started.error();
  v3_ = std::move(*started);
  // A trap under our own engineID is judged by our clock, and teaches nothing.
  engines_.forget(v3_->identity().id);
  seams_.log.write(base::LogLevel::info, "v3.engine", "SNMPv3 engine",
                   {{"engine_id", engine_id_text(v3_->identity().id)},
                    {"engine_boots", v3_->identity().boots},
                    {"users", v3_->reception().usm.users.all().size()},
                    {"remote_engines", engines_.size()}});
  return {};
}

std::string Gateway::engines_json() const {
  return gateway::engines_json(v3_ ? &v3_->identity() : nullptr, engines_, seams_.clock);
}

bool Gateway::forget_engine(base::Bytes engine_id) {
  if (!engines_.knows(engine_id)) return false;
  auto batch = journal_->new_batch();
  journal::add_forgotten_engine(*batch, engine_id, seams_.clock.wall());
  batch->urgent = true;
  batch->action = std::make_unique<EngineForgotten>(engines_, seams_.log, engine_id);
  journal_->append(journal::Lane::reserved, std::move(batch));
  return true;
}

void Gateway::warn_of_small_buffers() const {
  const auto reports = pipeline_->listeners();
  for (const ListenerReport& report : reports) {
    const auto wanted =
        std::find_if(config_.listeners.begin(), config_.listeners.end(),
                     [&](const ListenerConfig& listener) { return listener.name == report.name; });
    if (wanted == config_.listeners.end() ||
        report.receive_buffer_bytes >= wanted->receive_buffer_bytes) {
      continue;
    }
    seams_.log.write(
        base::LogLevel::warning, "listener.receive_buffer_small",
        "the kernel granted a smaller receive buffer than asked for: bursts will be dropped. Run "
        "as root `sysctl -w net.core.rmem_max=" +
            std::to_string(wanted->receive_buffer_bytes) +
            "`, or use a systemd socket unit with ReceiveBuffer=",
        {{"listener", report.name},
         {"asked_bytes", wanted->receive_buffer_bytes},
         {"granted_bytes", report.receive_buffer_bytes}});
  }
}

bool Gateway::stop() { return pipeline_->drain(config_.drain); }

bool Gateway::ready() const { return journal_->stats().writable; }

StatusReport Gateway::status() const {
  StatusReport report;
  report.node = journal_->node();
  report.uptime =
      std::chrono::duration_cast<std::chrono::seconds>(seams_.clock.boot() - started_at_);
  report.books = pipeline_->books();
  report.listeners = pipeline_->listeners();
  report.journal = journal_->stats();
  report.ready = report.journal.writable;
  report.recovered = journal_->recovered();
  report.duplicate_entries = pipeline_->duplicate_entries();
  report.rules = pipeline_->rule_report();
  report.enrichment = pipeline_->enrichment();
  report.enrichment_packets = pipeline_->enrichment_packets();
  if (v3_) report.v3 = v3_report(*v3_, engines_, seams_.clock.boot());
  return report;
}

void Gateway::log_books(std::string_view id, std::string_view message) const {
  gateway::log_books(seams_.log, id, message, pipeline_->books());
}

}  // namespace trapline::gateway
