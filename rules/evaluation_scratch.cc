#include "rules/evaluation_scratch.h"

#include <algorithm>
#include <cstring>

#include "rules/expression.h"

namespace trapline::rules {
EvaluationScratch::EvaluationScratch() : stack_(kMaxExpressionNodes + 1) {
  blocks_.push_back(std::make_unique<char[]>(kBlockBytes));
  first_ = blocks_.front().get();
  begin_evaluation();
}

char* EvaluationScratch::allocate(std::size_t octets) {
  octets = (octets + kAlignment - 1) / kAlignment * kAlignment;
  if (octets > room_) {
    room_ = std::max(octets, kBlockBytes);
    blocks_.push_back(std::make_unique<char[]>(room_));
    next_ = blocks_.back().get();
  }
  char* const given = next_;
  next_ += octets;
  room_ -= octets;
  return given;
}

std::string_view EvaluationScratch::keep(std::string_view text) {
  if (text.empty()) return {};
  char* const copy = allocate(text.size());
  std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

EvaluationScratch::SetResult& EvaluationScratch::set_result(std::uint64_t owner, std::size_t set) {
  if (owner != sets_owner_) sets_.clear();
  sets_owner_ = owner;
  if (set >= sets_.size()) sets_.resize(set + 1);
  return sets_[set];
}

}  // namespace trapline::rules
