// EndedIds: what became of the questions of late, so that a reply too many can be told its kind.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>

namespace trapline::gateway {

enum class QuestionEnd : std::uint8_t { by_answer, by_timeout };

// The last kEndedIdsKept; the oldest leave. Not synchronised.
class EndedIds {
 public:
  static constexpr std::size_t kEndedIdsKept = 4'096;

  // Remembers an id; a second end of the same one replaces the first.
  void note(std::int32_t id, QuestionEnd end) {
    if (!ends_.insert_or_assign(id, end).second) return;
    order_.push_back(id);
    if (order_.size() <= kEndedIdsKept) return;
    ends_.erase(order_.front());
    order_.pop_front();
  }
  // Nothing when it was never asked, or too long ago.
  [[nodiscard]] std::optional<QuestionEnd> find(std::int32_t id) const {
    const auto place = ends_.find(id);
    if (place == ends_.end()) return std::nullopt;
    return place->second;
  }

 private:
  std::unordered_map<std::int32_t, QuestionEnd> ends_;
  std::deque<std::int32_t> order_;
};

}  // namespace trapline::gateway
