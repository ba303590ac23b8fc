// Answers that a test can look at.
#pragma once

#include <string>
#include <vector>

#include "sinks/sink.h"

namespace trapline::sinks {

// Keeps what a sink answered.
class RecordedAnswers final : public Answers {
 public:
  void delivered_through(Sequence last) override { delivered = last; }
  void retry(std::chrono::milliseconds at_least, std::string_view reason) override {
    waits.push_back(at_least);
    reasons.emplace_back(reason);
  }

  Sequence delivered = 0;
  std::vector<std::chrono::milliseconds> waits;
  std::vector<std::string> reasons;
};

}  // namespace trapline::sinks
