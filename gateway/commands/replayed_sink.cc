#include "gateway/commands/replayed_sink.h"

#include <algorithm>

#include <fmt/core.h>

#include "gateway/admin/control_client.h"
#include "gateway/admin/control_socket.h"
#include "gateway/file_sink_options.h"
#include "gateway/journal/event_record.h"
#include "protocol/mib/mib_index.h"
#include "sinks/file_sink.h"

namespace trapline::gateway {
namespace {

constexpr std::chrono::milliseconds kTimeout{5'000};
constexpr sinks::Sequence kTickEvery = 512;

bool is_running(const std::string& data_dir, const std::string& sink) {
  const auto reply = control_get(control_socket_path(data_dir), "/status", kTimeout);
  return reply && reply->body.find("\"name\":\"" + sink + "\"") != std::string::npos;
}

}  // namespace

ReplayedSink::ReplayedSink(const FileSinkConfig& config)
    : name_(config.name),
      sink_(std::make_unique<sinks::FileSink>(file_sink_options(config), files_, clock_,
                                              protocol::mib::MibIndex::built_in())) {}

base::Result<std::unique_ptr<ReplayedSink>, std::string> ReplayedSink::open(
    const Config& config, const std::string& name, const std::string& data_dir) {
  const auto wanted = std::find_if(config.file_sinks.begin(), config.file_sinks.end(),
                                   [&](const FileSinkConfig& sink) { return sink.name == name; });
  if (wanted == config.file_sinks.end()) {
    return "the configuration has no file sink `" + name +
           "`; sinks of other types are not "
           "replayed into yet";
  }
  if (is_running(data_dir, name)) {
    return "a gateway is running on " + data_dir + " with a sink `" + name +
           "`: stop it, or replay with a configuration whose sink has another name and path";
  }
  std::unique_ptr<ReplayedSink> sink(new ReplayedSink(*wanted));
  std::string reason;
  if (!sink->sink_->open(reason)) return "cannot open sink `" + name + "`: " + reason;
  return sink;
}

void ReplayedSink::take(const journal::Outcome& outcome, const journal::RecordView& record,
                        std::string_view node) {
  if (!well()) return;
  rules::RoutedTrap event;
  event.verdict = outcome.verdict;
  bool known = false;
  if (outcome.synthetic) {
    const auto kept = journal::kept_record(outcome.kept_event);
    event.id = outcome.id;
    known = kept && journal::decode_event(*kept, scratch_, event.message);
  } else {
    event.id = ids_.of(record, node);
    known = journal::decode_event(record, scratch_, event.message);
  }
  if (!known) return;
  sink_->take(event, ++taken_, *this);
  if (taken_ % kTickEvery == 0) sink_->tick(clock_.boot(), *this);
}

bool ReplayedSink::finish() {
  if (well()) sink_->drain(clock_.boot() + kTimeout, *this);
  if (well() && delivered_ == taken_) {
    fmt::print("{} delivered to {}\n", delivered_, name_);
    return true;
  }
  fmt::print(stderr, "sink `{}`: {} of {} delivered, then: {}\n", name_, delivered_, taken_,
             failure_.empty() ? "no answer" : failure_);
  return false;
}

void ReplayedSink::delivered_through(sinks::Sequence last) { delivered_ = last; }

void ReplayedSink::retry(std::chrono::milliseconds /*at_least*/, std::string_view reason) {
  failure_ = reason;
}

void ReplayedSink::delivered(sinks::Sequence /*event*/) { ++delivered_; }

void ReplayedSink::rejected(sinks::Sequence /*event*/, std::string_view reason) {
  failure_ = reason;
}

void ReplayedSink::retry_lane(sinks::Sequence /*event*/, std::chrono::milliseconds /*at_least*/,
                              std::string_view reason) {
  failure_ = reason;
}

}  // namespace trapline::gateway
