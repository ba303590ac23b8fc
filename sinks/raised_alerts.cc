#include "sinks/raised_alerts.h"

#include <algorithm>
#include <utility>

#include "sinks/webhook_formats/webhook_format.h"

namespace trapline::sinks {
namespace {

// How long the router is given to put a list up before it is looked for again.
constexpr std::chrono::milliseconds kLookAgain{100};

}  // namespace

RaisedAlerts::RaisedAlerts(ProblemBoard& board, std::string sink, std::chrono::seconds every)
    : board_(board), sink_(std::move(sink)), every_(every) {}

void RaisedAlerts::begin_anew() {
  phase_ = Phase::resting;
  due_ = {};
  list_.reset();
  ended_.clear();
}

void RaisedAlerts::ended(std::string_view raise_id) {
  if (phase_ != Phase::resting) ended_.emplace(raise_id);
}

base::BootTime RaisedAlerts::due_at() const { return due_; }

std::string RaisedAlerts::next_body(base::BootTime now) {
  if (now < due_) return {};
  if (phase_ == Phase::resting) {
    // Whatever has ended by now was decided before the list is made.
    ended_.clear();
    number_ = board_.ask();
    phase_ = Phase::asked;
  }
  if (phase_ == Phase::asked) {
    list_ = board_.published(number_);
    if (!list_) {
      due_ = now + kLookAgain;
      return {};
    }
    told_ = 0;
    phase_ = Phase::telling;
    due_ = {};
  }
  std::string out = body();
  if (told_ == list_->size()) {
    list_.reset();
    ended_.clear();
    phase_ = Phase::resting;
    due_ = now + every_;
  }
  return out;
}

bool RaisedAlerts::concerns(const rules::Problem& problem) const {
  return std::ranges::find(problem.sinks, sink_) != problem.sinks.end() &&
         !ended_.contains(problem.raise_id);
}

std::string RaisedAlerts::body() {
  const WebhookFrame& frame = frame_of(WebhookFormat::alertmanager);
  std::string out;
  std::size_t alerts = 0;
  for (; told_ < list_->size() && alerts < kMostAlerts && out.size() < kMostBytes; ++told_) {
    const rules::Problem& problem = (*list_)[told_];
    if (!concerns(problem)) continue;
    out += alerts++ == 0 ? frame.before : frame.between;
    out += alertmanager_alert(problem);
  }
  if (alerts != 0) out += frame.after;
  return out;
}

}  // namespace trapline::sinks
