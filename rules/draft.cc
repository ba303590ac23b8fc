#include "rules/draft.h"

#include <algorithm>
#include <utility>

namespace trapline::rules {

void Draft::set_tag(std::string_view name, std::string_view value) {
  const auto end = tags_.begin() + static_cast<std::ptrdiff_t>(tag_count_);
  const auto found =
      std::find_if(tags_.begin(), end, [name](const auto& tag) { return tag.first == name; });
  if (found != end) {
    found->second.assign(value);
    return;
  }
  if (tag_count_ == tags_.size()) tags_.emplace_back();
  tags_[tag_count_].first.assign(name);
  tags_[tag_count_].second.assign(value);
  ++tag_count_;
}

const std::string* Draft::tag(std::string_view name) const {
  for (const auto& [known, value] : tags()) {
    if (known == name) return &value;
  }
  return nullptr;
}

void Draft::clear() {
  severity = Severity::info;
  state = State::event;
  key.clear();
  summary.clear();
  tag_count_ = 0;
}

std::size_t Draft::give(std::string& key_text, std::string& summary_text,
                        std::vector<std::pair<std::string, std::string>>& tag_texts) {
  key.swap(key_text);
  summary.swap(summary_text);
  tags_.swap(tag_texts);
  return std::exchange(tag_count_, 0);
}

}  // namespace trapline::rules
