#include "gateway/answer_cache.h"

#include "gateway/journal/wire.h"

namespace trapline::gateway {

bool AnswerCache::put(base::Bytes payload, base::RuleTime now) {
  entries_.emplace_back();
  const auto entry = std::prev(entries_.end());
  entry->payload.assign(payload.begin(), payload.end());
  if (!journal::decode_answer(entry->payload, entry->members, entry->answer)) {
    entries_.pop_back();
    return false;
  }
  entry->put_at = now.since_epoch_ns;
  entry->good_until = now.since_epoch_ns + std::chrono::nanoseconds(entry->answer.good_for).count();
  if (const auto known = by_key_.find(entry->answer.key); known != by_key_.end()) {
    remove(known->second);
  }
  by_key_.emplace(entry->answer.key, entry);
  bytes_ += entry->payload.size();
  while (entries_.size() > kMostEntries || bytes_ > kMostBytes) remove(entries_.begin());
  return true;
}

void AnswerCache::remove(Entries::iterator entry) {
  bytes_ -= entry->payload.size();
  by_key_.erase(entry->answer.key);
  entries_.erase(entry);
}

rules::EnrichmentAnswer AnswerCache::find(std::string_view key, base::RuleTime now) const {
  const auto found = by_key_.find(key);
  if (found == by_key_.end() || now.since_epoch_ns > found->second->good_until) {
    return {rules::AnswerState::unknown, {}};
  }
  const journal::Answer& answer = found->second->answer;
  return {answer.state, answer.members};
}

// Each as i64 time, u32 length, payload.
void AnswerCache::save(std::vector<std::byte>& out) const {
  for (const Entry& entry : entries_) {
    const std::size_t at = out.size();
    out.resize(at + 12);
    journal::store(out.data() + at, entry.put_at);
    journal::store(out.data() + at + 8, static_cast<std::uint32_t>(entry.payload.size()));
    out.insert(out.end(), entry.payload.begin(), entry.payload.end());
  }
}

bool AnswerCache::restore(base::Bytes saved) {
  while (!entries_.empty()) remove(entries_.begin());
  while (!saved.empty()) {
    if (saved.size() < 12) return false;
    const base::RuleTime at{journal::load<std::int64_t>(saved.data())};
    const std::size_t size = journal::load<std::uint32_t>(saved.data() + 8);
    if (saved.size() < 12 + size || !put(saved.subspan(12, size), at)) return false;
    saved = saved.subspan(12 + size);
  }
  return true;
}

}  // namespace trapline::gateway
