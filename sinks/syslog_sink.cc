#include "sinks/syslog_sink.h"

#include <algorithm>
#include <thread>

#include "sinks/syslog_message.h"
#include "sinks/webhook_formats/event_words.h"

namespace trapline::sinks {
namespace {

using namespace std::chrono_literals;

// How long what is under way is left alone: the network tells nobody when it has arrived.
constexpr auto kLook = 5ms;
constexpr std::size_t kMostReason = 300;

}  // namespace

SyslogSink::SyslogSink(const SyslogSinkOptions& options, std::unique_ptr<Sender> sender,
                       const base::Clock& clock, const protocol::mib::MibIndex& mibs,
                       EventJsonCache* cache)
    : options_(options), sender_(std::move(sender)), clock_(clock), mibs_(mibs), cache_(cache) {}

bool SyslogSink::open(std::string& reason) {
  gathered_.clear();
  taken_ = 0;
  gathered_at_ = 0;
  pending_.clear();
  failed_ = !sender_->open(reason);
  if (failed_) reason = cut_to(reason, kMostReason);
  return !failed_;
}

void SyslogSink::take(const rules::RoutedTrap& event, Sequence sequence, Answers& /*answers*/) {
  if (pending_.empty()) progress_at_ = clock_.boot();
  message_.clear();
  append_syslog_message(event, options_, mibs_, message_, cache_);
  if (options_.target.transport != Transport::udp) {
    gathered_ += std::to_string(message_.size());
    gathered_ += ' ';
  }
  gathered_ += message_;
  pending_.push_back({sequence, gathered_at_ + gathered_.size()});
}

void SyslogSink::tick(base::BootTime now, Answers& answers) {
  if (!failed_ && send(now, answers)) answer(now, answers);
  look_at_ = now + kLook;
}

// How much may be handed to the sender at once: of datagrams one message, else everything.
std::size_t SyslogSink::piece() const {
  if (options_.target.transport != Transport::udp) return gathered_.size() - taken_;
  const auto next = std::ranges::upper_bound(pending_, gathered_at_ + taken_, {}, &Pending::end);
  return static_cast<std::size_t>(next->end - gathered_at_) - taken_;
}

// Sends what the socket takes; false when it has failed.
bool SyslogSink::send(base::BootTime now, Answers& answers) {
  std::string problem;
  while (taken_ < gathered_.size()) {
    const auto taken = sender_->send(std::string_view(gathered_).substr(taken_, piece()), problem);
    if (!taken) {
      fail(problem, answers);
      return false;
    }
    if (*taken == 0) break;
    taken_ += *taken;
    progress_at_ = now;
  }
  // A receiver that is never done must not make us keep what it has.
  if (taken_ == gathered_.size() || taken_ > gathered_.size() / 2) drop_sent();
  return true;
}

void SyslogSink::drop_sent() {
  gathered_at_ += taken_;
  gathered_.erase(0, taken_);
  taken_ = 0;
}

void SyslogSink::answer(base::BootTime now, Answers& answers) {
  std::string problem;
  const auto acknowledged = sender_->acknowledged(problem);
  if (!acknowledged) return fail(problem, answers);
  while (!pending_.empty() && pending_.front().end <= *acknowledged) {
    answers.delivered(pending_.front().sequence);
    pending_.pop_front();
    progress_at_ = now;
  }
  if (pending_.empty() || now - progress_at_ < options_.timeout) return;
  fail(options_.target.to_string() + ": took nothing for " +
           std::to_string(options_.timeout.count()) + " ms",
       answers);
}

void SyslogSink::fail(const std::string& reason, Answers& answers) {
  failed_ = true;
  answers.retry(0s, cut_to(reason, kMostReason));
}

base::BootTime SyslogSink::next_tick() const {
  return failed_ || pending_.empty() ? base::BootTime::max() : look_at_;
}

void SyslogSink::drain(base::BootTime deadline, Answers& answers) {
  while (!failed_) {
    const base::BootTime now = clock_.boot();
    tick(now, answers);
    if (pending_.empty() || now >= deadline) return;
    std::this_thread::sleep_for(kLook);
  }
}

}  // namespace trapline::sinks
