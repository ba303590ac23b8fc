#include "sinks/syslog_sink.h"

#include <thread>
#include <utility>

#include "sinks/syslog_message.h"
#include "sinks/webhook_formats/event_words.h"

namespace trapline::sinks {
namespace {

using namespace std::chrono_literals;

constexpr auto kDrainLook = 5ms;
constexpr std::size_t kMostReason = 300;

}  // namespace

SyslogSink::SyslogSink(const SyslogSinkOptions& options, std::unique_ptr<Sender> sender,
                       const base::Clock& clock, const protocol::mib::MibIndex& mibs,
                       EventJsonCache* cache)
    : options_(options),
      clock_(clock),
      mibs_(mibs),
      cache_(cache),
      stream_(options, std::move(sender), clock) {}

bool SyslogSink::open(std::string& reason) {
  pending_.clear();
  failed_ = !stream_.open(reason);
  if (failed_) reason = cut_to(reason, kMostReason);
  return !failed_;
}

void SyslogSink::take(const rules::RoutedTrap& event, Sequence sequence, Answers& /*answers*/) {
  message_.clear();
  append_syslog_message(event, options_, mibs_, message_, cache_);
  pending_.push_back({sequence, stream_.add(message_)});
}

void SyslogSink::tick(base::BootTime /*now*/, Answers& answers) {
  if (failed_) return;
  std::string problem;
  failed_ = !stream_.work(problem);
  while (!pending_.empty() && pending_.front().end <= stream_.delivered()) {
    answers.delivered(pending_.front().sequence);
    pending_.pop_front();
  }
  if (failed_) answers.retry(0s, cut_to(problem, kMostReason));
}

base::BootTime SyslogSink::next_tick() const {
  return failed_ || pending_.empty() ? base::BootTime::max() : stream_.next_work();
}

void SyslogSink::drain(base::BootTime deadline, Answers& answers) {
  stream_.end_by(deadline);
  while (!failed_) {
    const base::BootTime now = clock_.boot();
    tick(now, answers);
    if (pending_.empty() || now + kDrainLook >= deadline) return;
    std::this_thread::sleep_for(kDrainLook);
  }
}

}  // namespace trapline::sinks
