// Where compilers of expressions say what is wrong.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "rules/source_text.h"

namespace trapline::rules {

// Puts problems into a list, at places of a text of which a part is being compiled. One thread.
class ExpressionProblems {
 public:
  // Offsets given later count from `begin` of `source`; both arguments outlive this.
  ExpressionProblems(const SourceText& source, std::size_t begin, SpecProblems& problems)
      : source_(source), begin_(begin), problems_(problems), before_(problems.size()) {}

  // Adds one at `offset`; at most kMost of them, the rest would only repeat them.
  void add(std::size_t offset, std::string message, std::string hint = {}) {
    if (problems_.size() - before_ >= kMost) return;
    problems_.push_back({source_.at(begin_ + offset), std::move(message), std::move(hint)});
  }
  // Whether any was added.
  [[nodiscard]] bool any() const { return problems_.size() != before_; }

 private:
  static constexpr std::size_t kMost = 8;

  const SourceText& source_;
  std::size_t begin_;
  SpecProblems& problems_;
  std::size_t before_;
};

}  // namespace trapline::rules
