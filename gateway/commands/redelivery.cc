#include "gateway/commands/redelivery.h"

#include <algorithm>

#include <fmt/core.h>

#include "gateway/admin/control_client.h"
#include "gateway/admin/control_socket.h"
#include "protocol/mib/mib_index.h"
#include "sinks/lane_worker.h"
#include "sinks/ordered_worker.h"

namespace trapline::gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto kAsk = 5'000ms;
constexpr auto kRest = 50ms;
// Events, and octets of them, under way at a time.
constexpr std::uint64_t kMostUnderWay = 4'000;
constexpr std::size_t kMostBytes = 64 << 20;
constexpr auto kPatience = 30s;
constexpr auto kDrain = 5s;

bool is_running(const std::string& data_dir, const std::string& sink) {
  const auto reply = control_get(control_socket_path(data_dir), "/status", kAsk);
  return reply && reply->body.find("\"name\":\"" + sink + "\"") != std::string::npos;
}

}  // namespace

Redelivery::Redelivery(const ConfiguredSink& config,
                       std::span<const rules::EnrichmentSpec> enrichments)
    : name_(config.name()),
      log_(base::LogFormat::logfmt, base::LogLevel::error, clock_, base::Log::to_stderr()),
      guard_(clock_, random_.next()),
      sink_(config.make({files_, clock_, protocol::mib::MibIndex::built_in(), random_, log_,
                         nullptr, &guard_, random_.next(), nullptr, nullptr, enrichments})),
      progress_at_(clock_.boot()) {
  sinks::SinkWorkerOptions options;
  options.save_every = 0ms;
  if (auto laned = config.drive()) {
    sinks::DeadLetters& refused_letters = *this;
    options.window_events = laned->window_events;
    laned->lanes.max_age = std::chrono::years(200);  // who asks for old events wants them
    worker_ = std::make_unique<sinks::LaneWorker>(options, laned->lanes, *sink_, source_,
                                                  refused_letters, clock_, random_);
    most_under_way_ = kMostUnderWay;
  } else {
    worker_ = std::make_unique<sinks::OrderedWorker>(options, *sink_, source_, clock_, random_);
  }
}

Redelivery::~Redelivery() = default;

base::Result<std::unique_ptr<Redelivery>, std::string> Redelivery::make(
    const Config& config, const std::string& name, const std::string& data_dir) {
  const ConfiguredSinks sinks = configured_sinks(config);
  const auto wanted =
      std::ranges::find_if(sinks, [&](const auto& sink) { return sink->name() == name; });
  if (wanted == sinks.end()) return "the configuration has no sink `" + name + "`";
  const bool v3 = std::ranges::any_of(config.snmp_sinks, [&](const SnmpSinkConfig& sink) {
    return sink.name == name && sink.options.version == protocol::Version::v3;
  });
  if (v3) return "sink `" + name + "` speaks SNMPv3, and only a running gateway has an engine";
  const bool shared = (*wanted)->drive().has_value();
  if (!shared && is_running(data_dir, name)) {
    return "a gateway is running on " + data_dir + " with a sink `" + name +
           "`: stop it, or replay with a configuration whose sink has another name and path";
  }
  std::unique_ptr<Redelivery> made(new Redelivery(**wanted, config.rules.enrichments));
  if (made->open(shared)) return made;
  return "cannot open sink `" + name + "`: " + made->failure_;
}

// With nothing offered yet: what a destination holds already is no reason to leave something out.
bool Redelivery::open(bool patiently) {
  do {
    step(Rest::as_wanted);
    if (worker_->figures().state == sinks::SinkState::running) return true;
    if (!patiently) failure_ = worker_->figures().last_error;
  } while (well());
  return false;
}

void Redelivery::offer(const journal::Outcome& outcome, const journal::RecordView& event,
                       std::string_view id) {
  if (!well() || !source_.offer(outcome, event, id)) return;
  if (offered() % 64 == 0) step(Rest::none);
  while (well() && (offered() - settled_ >= most_under_way_ || source_.kept_bytes() > kMostBytes)) {
    step(Rest::as_wanted);
  }
}

void Redelivery::settle() {
  while (well() && settled_ < offered()) step(Rest::as_wanted);
}

// One round of the worker, and the rest that it wants.
void Redelivery::step(Rest allowed) {
  const auto rest = worker_->step(clock_.boot());
  judge(worker_->figures());
  const base::BootTime now = clock_.boot();
  if (allowed == Rest::none || rest.until <= now) return;
  source_.wait(std::min(rest.until, now + kRest));
}

void Redelivery::judge(const sinks::SinkFigures& figures) {
  const base::BootTime now = clock_.boot();
  const std::uint64_t settled = figures.delivered + figures.dead_lettered;
  const bool failing = figures.state != sinks::SinkState::running;
  if (settled != settled_ || !failing) progress_at_ = now;
  settled_ = settled;
  if (now - progress_at_ > kPatience) failure_ = figures.last_error;
}

bool Redelivery::finish() {
  settle();
  worker_->drain(clock_.boot() + kDrain);
  const sinks::SinkFigures figures = worker_->figures();
  fmt::print("{} delivered to {}\n", figures.delivered, name_);
  if (figures.delivered == offered()) return true;
  fmt::print(stderr, "sink `{}`: {} of {} delivered", name_, figures.delivered, offered());
  if (!refused_.empty()) fmt::print(stderr, ", {} refused: {}", refused_.size(), refusal_);
  if (!well()) fmt::print(stderr, ", then: {}", failure_);
  fmt::print(stderr, "\n");
  return false;
}

bool Redelivery::is_delivered(std::uint64_t number) const {
  const sinks::SinkCursor cursor = source_.cursor();
  const bool settled =
      number <= cursor.low_water_lsn || std::ranges::binary_search(cursor.answered_beyond, number);
  return settled && !refused_.contains(number);
}

// The worker's source has just handed it out.
void Redelivery::add(const rules::RoutedTrap& /*event*/, std::string_view reason,
                     std::uint32_t /*attempts*/) {
  refused_.insert(source_.position_lsn());
  refusal_ = reason;
}

bool Redelivery::commit(std::string& /*problem*/) { return true; }

}  // namespace trapline::gateway
