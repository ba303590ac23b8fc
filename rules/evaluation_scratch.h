// EvaluationScratch: working memory of one evaluating thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "rules/value.h"

namespace trapline::rules {

// Reused from evaluation to evaluation; grows to what an event needs and is bounded by the limits
// of expressions. One thread.
class EvaluationScratch {
 public:
  EvaluationScratch();

  // Forgets what was remembered of the event before. To be called before the first evaluation over
  // another event.
  void begin_event() { ++event_; }

  // For evaluators: frees what the evaluation before allocated.
  void begin_evaluation() {
    if (blocks_.size() > 1) blocks_.resize(1);
    next_ = first_;
    room_ = kBlockBytes;
  }
  // For evaluators: octets that live until the next evaluation.
  [[nodiscard]] char* allocate(std::size_t octets);
  // For evaluators: a copy of `text` that lives as long.
  [[nodiscard]] std::string_view keep(std::string_view text);
  // For evaluators: an object without a destructor that lives as long.
  template <class T>
  [[nodiscard]] T& keep_object(const T& object) {
    static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= kAlignment);
    return *new (allocate(sizeof(T))) T(object);
  }
  // For evaluators: the stack of operands, kMaxNodes of them.
  [[nodiscard]] Value* stack() { return stack_.data(); }
  // For evaluators: an empty string with room, to be used at once.
  [[nodiscard]] std::string& text() {
    text_.clear();
    return text_;
  }

  // For templates: two strings that evaluations leave alone, for what filters take and give.
  [[nodiscard]] std::string& filtered() { return filtered_; }
  [[nodiscard]] std::string& unfiltered() { return unfiltered_; }

  // For actions: a string that evaluations and templates leave alone.
  [[nodiscard]] std::string& rendered() { return rendered_; }

  // What one set of regexes said about one text of this event.
  struct SetResult {
    std::uint64_t event = 0;  // 0: never asked
    bool failed = false;      // the set ran out of memory
    std::string text;
    std::vector<std::uint32_t> matched;  // the numbers of those that occur, ascending
  };
  // For RegexSets: the result kept for set number `set` of the sets `owner` (a number that no other
  // has). Those of another owner are forgotten.
  [[nodiscard]] SetResult& set_result(std::uint64_t owner, std::size_t set);
  // For RegexSets: a number that no other event had.
  [[nodiscard]] std::uint64_t event() const { return event_; }
  // For RegexSets: memory for the numbers of those that matched.
  [[nodiscard]] std::vector<int>& matches() { return matches_; }

 private:
  static constexpr std::size_t kAlignment = alignof(std::max_align_t);
  static constexpr std::size_t kBlockBytes = 16'384;

  std::vector<Value> stack_;
  std::string text_;
  std::string filtered_;
  std::string unfiltered_;
  std::string rendered_;
  std::vector<std::unique_ptr<char[]>> blocks_;  // the first is kept, the others are for the rare
  char* first_ = nullptr;                        // where the first begins
  std::size_t room_ = 0;                         // left in the last block
  char* next_ = nullptr;
  std::uint64_t event_ = 1;
  std::uint64_t sets_owner_ = 0;
  std::vector<SetResult> sets_;
  std::vector<int> matches_;
};

}  // namespace trapline::rules
