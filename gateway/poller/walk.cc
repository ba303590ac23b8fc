#include "gateway/poller/walk.h"

#include <algorithm>

#include "protocol/error_status.h"
#include "protocol/mib/mib_index.h"
#include "protocol/oid_order.h"

namespace trapline::gateway {
namespace {

using protocol::RequestKind;

std::string name_text(protocol::OidView oid) {
  std::string text;
  protocol::mib::MibIndex::built_in().append_name(oid, text);
  return text;
}

}  // namespace

Walk::Walk(Poller& poller, const Device& device, WalkOptions options, OnValue on_value,
           OnEnd on_end)
    : poller_(poller),
      device_(device),
      options_(std::move(options)),
      bulk_(device.access->version != protocol::Version::v1),
      on_value_(std::move(on_value)),
      on_end_(std::move(on_end)),
      last_(options_.root) {}

void Walk::begin(Poller& poller, const Device& device, WalkOptions options, OnValue on_value,
                 OnEnd on_end) {
  const std::shared_ptr<Walk> walk(
      new Walk(poller, device, std::move(options), std::move(on_value), std::move(on_end)));
  walk->ask_next();
}

void Walk::ask_next() {
  Question question;
  question.kind = bulk_ ? RequestKind::get_bulk : RequestKind::get_next;
  question.max_repetitions = bulk_ ? options_.max_repetitions : 0;
  question.names = {last_};
  poller_.ask(device_, std::move(question), [self = shared_from_this()](GetAnswer answer) {
    self->on_answer(std::move(answer));
  });
}

void Walk::on_answer(GetAnswer answer) {
  spent_ += answer.latency;
  if (answer.outcome != GetOutcome::answered) return on_failure(std::move(answer));
  if (spent_ > options_.most_time) {
    return end(GetOutcome::malformed, "the walk takes too long: does the agent make values up?");
  }
  if (take_values(answer)) ask_next();
}

bool Walk::take_values(GetAnswer& answer) {
  for (PolledVarBind& value : answer.values) {
    if (value.is_exception() || !value.name.view().starts_with(options_.root)) {
      finish();
      return false;
    }
    if (protocol::lexicographic_order(value.name, last_) <= 0) {
      end_backwards(value);
      return false;
    }
    if (end_.values == options_.most_values) {
      end(GetOutcome::malformed,
          "more than " + std::to_string(end_.values) + " values: does the agent make them up?");
      return false;
    }
    ++end_.values;
    last_ = value.name;
    on_value_(std::move(value));
  }
  return true;
}

void Walk::on_failure(GetAnswer answer) {
  const bool is_error = answer.outcome == GetOutcome::error_status;
  if (is_error && answer.error_status == protocol::kTooBig && options_.max_repetitions > 1 &&
      bulk_) {
    options_.max_repetitions /= 2;
    return ask_next();
  }
  // SNMPv1 ends so.
  if (is_error && answer.error_status == protocol::kNoSuchName && !bulk_) return finish();
  end_.error_status = answer.error_status;
  end(answer.outcome, std::move(answer.reason));
}

void Walk::finish() {
  if (end_.values == 0) return ask_root();
  end(GetOutcome::answered, {});
}

void Walk::ask_root() {
  poller_.get(device_, {options_.root}, [self = shared_from_this()](GetAnswer answer) {
    if (answer.outcome == GetOutcome::answered) {
      if (!answer.values.front().is_exception()) ++self->end_.values;
      self->on_value_(std::move(answer.values.front()));
    }
    self->end_.error_status = answer.error_status;
    self->end(answer.outcome, std::move(answer.reason));
  });
}

void Walk::end(GetOutcome outcome, std::string reason) {
  end_.outcome = outcome;
  end_.reason = std::move(reason);
  on_end_(std::move(end_));
}

void Walk::end_backwards(const PolledVarBind& value) {
  end(GetOutcome::malformed, "the agent's names do not increase: " + name_text(value.name) +
                                 " after " + name_text(last_) + "; its walk would never end");
}

}  // namespace trapline::gateway
