#include "sinks/syslog_stream.h"

#include <algorithm>
#include <utility>

namespace trapline::sinks {
namespace {

using namespace std::chrono_literals;

// How long what is under way is left alone: the network tells nobody when it has arrived.
constexpr auto kLook = 5ms;
// And how long while nothing is: somebody may have ended the connection.
constexpr auto kLookIdle = 250ms;
// Time-outs that a receiver has to read what has arrived.
constexpr int kReadingTimeouts = 6;
// Connections that end well before as much is sent as was too much.
constexpr int kBeforeTooMuch = 16;

}  // namespace

SyslogStream::SyslogStream(const SyslogSinkOptions& options, std::unique_ptr<Sender> sender,
                           const base::Clock& clock)
    : options_(options), sender_(std::move(sender)), clock_(clock) {}

bool SyslogStream::confirms() const {
  return options_.confirm > 0ms && options_.target.transport != Transport::udp;
}

std::string SyslogStream::words(std::string_view problem) const {
  return options_.target.to_string() + ": " + std::string(problem);
}

bool SyslogStream::open(std::string& problem) {
  gathered_.clear();
  taken_ = 0;
  gathered_at_ = 0;
  delivered_ = 0;
  ends_.clear();
  end_by_.reset();
  connection_ = Connection::none;
  if (!sender_->open(problem)) return false;
  connected();
  return true;
}

void SyslogStream::connected() {
  connection_ = Connection::open;
  connected_at_ = sent();
  acknowledged_ = 0;
  last_.reset();
  used_at_.reset();
  progress_at_ = clock_.boot();
}

std::uint64_t SyslogStream::add(std::string_view message) {
  if (ends_.empty()) look_at_ = progress_at_ = clock_.boot();
  if (options_.target.transport != Transport::udp) {
    gathered_ += std::to_string(message.size());
    gathered_ += ' ';
  }
  gathered_ += message;
  ends_.push_back(gathered());
  return gathered();
}

bool SyslogStream::work(std::string& problem) {
  leave_if_closed();
  if (!connect(problem)) return false;
  const base::BootTime now = clock_.boot();  // connecting takes its time
  look_at_ = now + kLook;
  const bool works = (connection_ != Connection::open || use(now, problem)) &&
                     (connection_ != Connection::finishing || finish(now, problem));
  if (works) return true;
  if (confirms()) {
    // What comes again must not arrive beside it, and of less of it more is delivered.
    sender_->give_up();
    if (is_used()) give_less();
  }
  return false;
}

void SyslogStream::give_less() {
  too_much_ = std::max<std::uint64_t>(sent() - connected_at_, 2);
  quota_ = too_much_ / 2;
  ended_well_ = 0;
}

// As much as was too much is tried again only after a while.
void SyslogStream::give_more() {
  if (++ended_well_ >= kBeforeTooMuch) too_much_ = kNothingIsTooMuch;
  if (2 * quota_ < too_much_) quota_ = std::min(2 * quota_, kMostQuota);
}

// A receiver may have had enough of a connection that nobody used.
void SyslogStream::leave_if_closed() {
  if (!confirms() || connection_ != Connection::open || is_used() || all_sent()) return;
  std::string ignored;
  const auto standing = sender_->look(ignored);
  if (!standing || standing->closed) connection_ = Connection::none;
}

// Has a connection if there is something to send; false when there can be none.
bool SyslogStream::connect(std::string& problem) {
  if (connection_ != Connection::none || all_sent()) return true;
  if (end_by_ && *end_by_ - clock_.boot() < options_.target.connect_timeout) {
    problem = words("not called again, there is no time left");
    return false;
  }
  if (!sender_->open(problem)) return false;
  connected();
  return true;
}

bool SyslogStream::use(base::BootTime now, std::string& problem) {
  if (!send(now, problem)) return false;
  const auto standing = look(now, problem);
  if (!standing) return false;
  const std::uint64_t end = connected_at_ + standing->acknowledged;
  if (end == gathered()) progress_at_ = now;
  if (!confirms()) deliver_through(end);
  if (standing->closed && (!confirms() || !all_sent())) {
    problem = words("the destination closed the connection");
    return false;
  }
  if (now - progress_at_ >= options_.timeout) {
    problem = words("took nothing for " + std::to_string(options_.timeout.count()) + " ms");
    return false;
  }
  // Who closes unasked is asked what it has read by then.
  if (!last_ && (standing->closed || is_due(now))) last_ = limit();
  if (last_ == sent() && is_used()) connection_ = Connection::finishing;
  return true;
}

// Where this connection ends at the latest: behind the message that fills it. Once there is such a
// message it stays, and what was offered before ends before it.
std::uint64_t SyslogStream::limit() const {
  if (!confirms()) return gathered();
  const auto full = std::ranges::lower_bound(ends_, connected_at_ + quota_);
  return full == ends_.end() ? gathered() : *full;
}

// How much may be handed to the sender at once: of datagrams one message, else everything that is
// for this connection.
std::size_t SyslogStream::piece() const {
  std::uint64_t end = last_.value_or(limit());
  if (options_.target.transport == Transport::udp && !all_sent()) {
    end = *std::ranges::upper_bound(ends_, sent());
  }
  return static_cast<std::size_t>(end - sent());
}

// Sends what the socket takes; false when it has failed.
bool SyslogStream::send(base::BootTime now, std::string& problem) {
  while (const std::size_t size = piece()) {
    const auto taken = sender_->send(std::string_view(gathered_).substr(taken_, size), problem);
    if (!taken) return false;
    if (*taken == 0) break;
    taken_ += *taken;
    progress_at_ = now;
    if (!used_at_) used_at_ = now;
  }
  // A receiver that is never done must not make us keep what it has.
  if (all_sent() || taken_ > gathered_.size() / 2) drop_sent();
  return true;
}

void SyslogStream::drop_sent() {
  gathered_at_ += taken_;
  gathered_.erase(0, taken_);
  taken_ = 0;
}

std::optional<Standing> SyslogStream::look(base::BootTime now, std::string& problem) {
  const auto standing = sender_->look(problem);
  const bool moved =
      standing && std::exchange(acknowledged_, standing->acknowledged) != standing->acknowledged;
  if (moved) progress_at_ = now;
  return standing;
}

// Whether the connection has been used enough.
bool SyslogStream::is_due(base::BootTime now) const {
  if (!confirms() || !is_used()) return false;
  const bool hurried = end_by_ || quota_ < kMostQuota;
  return (hurried && all_sent()) || now - *used_at_ >= options_.confirm ||
         sent() - connected_at_ >= quota_ || ends_.size() >= kSyslogWindow;
}

bool SyslogStream::finish(base::BootTime now, std::string& problem) {
  if (!sender_->finish(problem)) return false;
  const bool had_arrived = connected_at_ + acknowledged_ == sent();
  const auto standing = look(now, problem);
  if (!standing) {
    if (had_arrived) problem += "; if it ends like that each time, set `confirm_ms: 0`";
    return false;
  }
  if (standing->finished) {
    connection_ = Connection::none;
    give_more();
    look_at_ = now;
    deliver_through(sent());
    return true;
  }
  const auto waited = now - progress_at_;
  look_at_ = now + std::clamp<base::BootTime::duration>(waited / 8, kLook, kLookIdle);
  const bool arrived = connected_at_ + acknowledged_ == sent();
  const auto patience = arrived ? kReadingTimeouts * options_.timeout : options_.timeout;
  if (waited < patience) return true;
  const std::string span = std::to_string(patience.count()) + " ms";
  problem = words(arrived ? "has not closed its side " + span +
                                " after the last arrived, so nobody knows what it has read; if it "
                                "never does, set `confirm_ms: 0`"
                          : "took nothing for " + span);
  return false;
}

void SyslogStream::deliver_through(std::uint64_t end) {
  if (end > delivered_) progress_at_ = clock_.boot();
  delivered_ = std::max(delivered_, end);
  while (!ends_.empty() && ends_.front() <= end) ends_.pop_front();
}

base::BootTime SyslogStream::next_work() const {
  const bool idle = confirms() && connection_ == Connection::open && all_sent() && is_used();
  if (!idle) return look_at_;
  return std::max(look_at_, std::min(*used_at_ + options_.confirm, look_at_ + kLookIdle));
}

}  // namespace trapline::sinks
