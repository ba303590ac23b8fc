#include "sinks/syslog_sink.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "sinks/syslog_message.h"
#include "sinks/webhook_formats/event_words.h"

namespace trapline::sinks {
namespace {

using namespace std::chrono_literals;

// How long what is under way is left alone: the network tells nobody when it has arrived.
constexpr auto kLook = 5ms;
// And how long while nothing is: somebody may have ended the connection.
constexpr auto kLookIdle = 250ms;
constexpr std::size_t kMostReason = 300;
constexpr int kReadingTimeouts = 6;

}  // namespace

SyslogSink::SyslogSink(const SyslogSinkOptions& options, std::unique_ptr<Sender> sender,
                       const base::Clock& clock, const protocol::mib::MibIndex& mibs,
                       EventJsonCache* cache)
    : options_(options), sender_(std::move(sender)), clock_(clock), mibs_(mibs), cache_(cache) {}

bool SyslogSink::confirms() const {
  return options_.confirm > 0ms && options_.target.transport != Transport::udp;
}

bool SyslogSink::open(std::string& reason) {
  gathered_.clear();
  taken_ = 0;
  gathered_at_ = 0;
  pending_.clear();
  failed_ = !sender_->open(reason);
  if (failed_) {
    reason = cut_to(reason, kMostReason);
  } else {
    connected(clock_.boot());
  }
  return !failed_;
}

void SyslogSink::connected(base::BootTime now) {
  connection_ = Connection::open;
  connected_at_ = sent();
  acknowledged_ = 0;
  last_.reset();
  used_at_.reset();
  progress_at_ = now;
}

// Has a connection if there is something to send; false when there can be none.
bool SyslogSink::connect(Answers& answers) {
  if (connection_ != Connection::none || all_sent()) return true;
  std::string problem;
  if (!sender_->open(problem)) {
    fail_with(problem, answers);
    return false;
  }
  connected(clock_.boot());
  return true;
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

void SyslogSink::tick(base::BootTime /*now*/, Answers& answers) {
  if (failed_ || !connect(answers)) return;
  const base::BootTime now = clock_.boot();  // connecting takes its time
  look_at_ = now + kLook;
  if (connection_ == Connection::open) use(now, answers);
  if (connection_ == Connection::finishing && !failed_) finish(now, answers);
}

void SyslogSink::use(base::BootTime now, Answers& answers) {
  if (!send(now, answers)) return;
  const auto standing = look(now, answers);
  if (!standing) return;
  const std::uint64_t end = connected_at_ + standing->acknowledged;
  if (end == gathered()) progress_at_ = now;
  if (!confirms()) answer_through(end, answers);
  if (standing->closed) return meet_close(now, answers);
  if (now - progress_at_ >= options_.timeout) {
    return time_out("took nothing for " + std::to_string(options_.timeout.count()) + " ms",
                    answers);
  }
  if (!last_ && is_due(now)) last_ = limit();
  if (last_ == sent()) begin_to_finish(now);
}

// The receiver closes its side unasked: what it has read by then, the end tells as well.
void SyslogSink::meet_close(base::BootTime now, Answers& answers) {
  if (!confirms() || !all_sent()) return fail("the destination closed the connection", answers);
  if (used_at_) return begin_to_finish(now);
  connection_ = Connection::none;
}

void SyslogSink::begin_to_finish(base::BootTime now) {
  connection_ = Connection::finishing;
  progress_at_ = now;
}

// Where this connection ends at the latest: behind the message that fills it. Once there is such a
// message it stays, and what was offered before ends before it.
std::uint64_t SyslogSink::limit() const {
  if (!confirms()) return gathered();
  const auto full = std::ranges::lower_bound(pending_, connected_at_ + quota_, {}, &Pending::end);
  return full == pending_.end() ? gathered() : full->end;
}

// How much may be handed to the sender at once: of datagrams one message, else everything that is
// for this connection.
std::size_t SyslogSink::piece() const {
  std::uint64_t end = last_.value_or(limit());
  if (options_.target.transport == Transport::udp && !all_sent()) {
    end = std::ranges::upper_bound(pending_, sent(), {}, &Pending::end)->end;
  }
  return static_cast<std::size_t>(end - sent());
}

// Sends what the socket takes; false when it has failed.
bool SyslogSink::send(base::BootTime now, Answers& answers) {
  std::string problem;
  while (const std::size_t size = piece()) {
    const auto taken = sender_->send(std::string_view(gathered_).substr(taken_, size), problem);
    if (!taken) {
      fail_with(problem, answers);
      return false;
    }
    if (*taken == 0) break;
    taken_ += *taken;
    progress_at_ = now;
    if (!used_at_) used_at_ = now;
  }
  // A receiver that is never done must not make us keep what it has.
  if (all_sent() || taken_ > gathered_.size() / 2) drop_sent();
  return true;
}

void SyslogSink::drop_sent() {
  gathered_at_ += taken_;
  gathered_.erase(0, taken_);
  taken_ = 0;
}

// How the connection stands; nothing when it has failed.
std::optional<Standing> SyslogSink::look(base::BootTime now, Answers& answers) {
  std::string problem;
  const auto standing = sender_->look(problem);
  if (!standing) {
    fail_with(problem, answers);
  } else if (std::exchange(acknowledged_, standing->acknowledged) != standing->acknowledged) {
    progress_at_ = now;
  }
  return standing;
}

// Whether the connection has been used enough.
bool SyslogSink::is_due(base::BootTime now) const {
  if (!confirms() || !used_at_) return false;
  return draining_ || now - *used_at_ >= options_.confirm || sent() - connected_at_ >= quota_ ||
         pending_.size() >= kSyslogWindow;
}

void SyslogSink::finish(base::BootTime now, Answers& answers) {
  std::string problem;
  if (!sender_->finish(problem)) return fail_with(problem, answers);
  const auto standing = look(now, answers);
  if (!standing) return;
  if (standing->finished) {
    connection_ = Connection::none;
    quota_ = std::min(2 * quota_, kMostQuota);
    look_at_ = now;
    return answer_through(sent(), answers);
  }
  const auto waited = now - progress_at_;
  look_at_ = now + std::clamp<base::BootTime::duration>(waited / 8, kLook, kLookIdle);
  const auto patience = kReadingTimeouts * options_.timeout;
  if (waited < patience) return;
  time_out("has not closed its side " + std::to_string(patience.count()) +
               " ms after it was told that nothing more comes, so nobody knows what it has read; "
               "if it never does, set `confirm_ms: 0`",
           answers);
}

void SyslogSink::answer_through(std::uint64_t end, Answers& answers) {
  while (!pending_.empty() && pending_.front().end <= end) {
    answers.delivered(pending_.front().sequence);
    pending_.pop_front();
  }
}

// It may be slow: of less it reads all in time.
void SyslogSink::time_out(const std::string& reason, Answers& answers) {
  quota_ = std::max<std::uint64_t>((sent() - connected_at_) / 2, 1);
  fail(reason, answers);
}

void SyslogSink::fail(const std::string& reason, Answers& answers) {
  fail_with(options_.target.to_string() + ": " + reason, answers);
}

void SyslogSink::fail_with(const std::string& problem, Answers& answers) {
  failed_ = true;
  answers.retry(0s, cut_to(problem, kMostReason));
}

base::BootTime SyslogSink::next_tick() const {
  if (failed_ || pending_.empty()) return base::BootTime::max();
  const bool idle = confirms() && connection_ == Connection::open && all_sent() && used_at_;
  if (!idle) return look_at_;
  return std::max(look_at_, std::min(*used_at_ + options_.confirm, look_at_ + kLookIdle));
}

void SyslogSink::drain(base::BootTime deadline, Answers& answers) {
  draining_ = true;
  while (!failed_) {
    const base::BootTime now = clock_.boot();
    const bool to_connect = connection_ == Connection::none && !all_sent();
    if (to_connect && deadline - now < options_.target.connect_timeout) break;
    tick(now, answers);
    if (pending_.empty() || now + kLook >= deadline) break;
    std::this_thread::sleep_for(kLook);
  }
  draining_ = false;
}

}  // namespace trapline::sinks
