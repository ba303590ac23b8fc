#include "gateway/poller/split_get.h"

#include <cassert>
#include <numeric>

#include "gateway/poller/poller.h"
#include "protocol/error_status.h"

namespace trapline::gateway {

SplitGet::SplitGet(Poller& poller, const Device& device, std::vector<protocol::Oid> names,
                   std::function<void(GetAnswer)> done)
    : poller_(poller),
      device_(device),
      names_(std::move(names)),
      done_(std::move(done)),
      values_(names_.size()) {}

void SplitGet::begin(Poller& poller, const Device& device, std::vector<protocol::Oid> names,
                     std::function<void(GetAnswer)> done) {
  assert(!names.empty() && names.size() <= kMaxNamesPerGet);
  const std::shared_ptr<SplitGet> get(
      new SplitGet(poller, device, std::move(names), std::move(done)));
  Places all(get->names_.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  get->push(std::move(all));
  get->go_on();
}

void SplitGet::go_on() {
  Question question;
  for (const std::size_t place : open_.back()) question.names.push_back(names_[place]);
  poller_.ask(device_, std::move(question), [self = shared_from_this()](GetAnswer answer) {
    self->on_answer(std::move(answer));
  });
}

void SplitGet::on_answer(GetAnswer answer) {
  latency_ += answer.latency;
  const Places asked = std::move(open_.back());
  open_.pop_back();
  if (!take(asked, answer)) {
    if (answer.error_index != 0) answer.error_index = asked[answer.error_index - 1] + 1;
    answer.values.clear();
  } else if (!open_.empty()) {
    return go_on();
  } else {
    answer = {};
    answer.outcome = GetOutcome::answered;
    answer.values = std::move(values_);
  }
  answer.latency = latency_;
  done_(std::move(answer));
}

// False when the answer ends it all.
bool SplitGet::take(const Places& asked, GetAnswer& answer) {
  if (answer.outcome == GetOutcome::answered) {
    for (std::size_t i = 0; i < asked.size(); ++i) values_[asked[i]] = std::move(answer.values[i]);
    return true;
  }
  if (answer.outcome != GetOutcome::error_status) return false;
  if (answer.error_status == protocol::kTooBig && asked.size() > 1) {
    push_halves(asked);
    return true;
  }
  if (answer.error_status != protocol::kNoSuchName) return false;
  if (asked.size() == 1) {
    note_missing(asked.front());
  } else if (answer.error_index == 0) {
    push_halves(asked);
  } else {
    Places rest = asked;
    note_missing(asked[answer.error_index - 1]);
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(answer.error_index - 1));
    push(std::move(rest));
  }
  return true;
}

void SplitGet::note_missing(std::size_t place) {
  values_[place].name = names_[place];
  values_[place].type = protocol::ValueType::no_such_instance;
  values_[place].tag = protocol::tag::kNoSuchInstance;
}

void SplitGet::push(Places places) { open_.push_back(std::move(places)); }

// The first half is asked first.
void SplitGet::push_halves(const Places& places) {
  const auto middle = places.begin() + static_cast<std::ptrdiff_t>((places.size() + 1) / 2);
  push({middle, places.end()});
  push({places.begin(), middle});
}

}  // namespace trapline::gateway
