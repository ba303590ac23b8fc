// Answers that a test can look at.
#pragma once

#include <string>
#include <vector>

#include "sinks/sink.h"

namespace trapline::sinks {

// Keeps what a sink answered.
class RecordedAnswers final : public Answers {
 public:
  void delivered_through(Sequence last) override { through = last; }
  void retry(std::chrono::milliseconds at_least, std::string_view reason) override {
    waits.push_back(at_least);
    reasons.emplace_back(reason);
  }

  void delivered(Sequence event) override { events.push_back(event); }
  void rejected(Sequence event, std::string_view reason) override {
    rejections.push_back(event);
    reasons.emplace_back(reason);
  }
  void retry_lane(Sequence event, std::chrono::milliseconds at_least,
                  std::string_view reason) override {
    retried.push_back(event);
    waits.push_back(at_least);
    reasons.emplace_back(reason);
  }

  void warn(std::string_view words) override { warnings.emplace_back(words); }

  std::vector<std::string> warnings;
  Sequence through = 0;          // the last of those delivered together
  std::vector<Sequence> events;  // delivered one by one
  std::vector<Sequence> rejections;
  std::vector<Sequence> retried;
  std::vector<std::chrono::milliseconds> waits;
  std::vector<std::string> reasons;
};

}  // namespace trapline::sinks
