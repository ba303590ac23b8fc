// AnswerSeeker: who asks devices what rules want to know. For the router; Enricher is the one that
// does, tests have their own.
#pragma once

#include <functional>
#include <vector>

#include "gateway/journal/answer_record.h"
#include "rules/enrichment.h"

namespace trapline::gateway {

// Called by the router's thread.
class AnswerSeeker {
 public:
  virtual ~AnswerSeeker() = default;
  // Asks for these. Each comes to an answer sooner or later, be it that none was had; wishes that
  // one answer serves may come to one. Returns at once.
  virtual void seek(std::vector<rules::EnrichmentWish> wishes) = 0;
  // Hands over the answers that have come. What they view is valid during the call.
  virtual void take_answers(const std::function<void(const journal::Answer&)>& take) = 0;
};

}  // namespace trapline::gateway
