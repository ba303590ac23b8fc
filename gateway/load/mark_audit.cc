#include "gateway/load/mark_audit.h"

#include <algorithm>
#include <charconv>
#include <fstream>

namespace trapline::gateway::load {
namespace {

// The event id is the first member of every event (schema 1).
std::string_view id_of(std::string_view line) {
  constexpr std::string_view kKey = "\"id\":\"";
  const std::size_t at = line.find(kKey);
  if (at == std::string_view::npos) return {};
  const std::string_view from = line.substr(at + kKey.size());
  return from.substr(0, std::min(from.find('"'), from.size()));
}

}  // namespace

bool is_whole_object(std::string_view line) {
  if (line.empty() || line.front() != '{') return false;
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
      continue;
    }
    if (c == '"') quoted = true;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return i + 1 == line.size();
  }
  return false;
}

void MarkAudit::take(std::string_view line) {
  ++lines_;
  if (!is_whole_object(line)) {
    ++torn_lines_;
    return;
  }
  take_id(id_of(line));
  if (const auto mark = find_mark(line)) {
    take_mark(*mark);
  } else {
    ++unmarked_lines_;
  }
}

void MarkAudit::take_id(std::string_view id) {
  const std::size_t dash = id.rfind('-');
  if (dash == std::string_view::npos) return;
  const std::string_view number = id.substr(dash + 1);
  std::uint64_t lsn = 0;
  std::from_chars(number.data(), number.data() + number.size(), lsn);
  auto epoch = ids_.find(id.substr(0, dash));
  if (epoch == ids_.end()) epoch = ids_.try_emplace(std::string(id.substr(0, dash))).first;
  if (!epoch->second.insert(lsn).second) ++repeated_ids_;
}

void MarkAudit::take_mark(const Mark& mark) {
  RunAudit& run = runs_[mark.run];
  if (mark.sequence >= run.seen.size()) {
    run.seen.resize(std::max<std::size_t>(mark.sequence + std::size_t{1}, run.seen.size() * 2));
  } else if (run.seen[mark.sequence]) {
    ++run.repeated;
    return;
  }
  run.seen[mark.sequence] = true;
  ++run.found;
  if (mark.sequence + std::uint64_t{1} < run.highest_end) ++run.out_of_order;
  run.highest_end = std::max(run.highest_end, mark.sequence + std::uint64_t{1});
  run.expected = std::max(run.expected, run.highest_end);
  const std::uint64_t source = std::uint64_t{mark.run} << 16 | mark.source;
  std::uint32_t& highest = highest_.try_emplace(source, mark.sequence).first->second;
  if (mark.sequence < highest) ++run.out_of_order_source;
  highest = std::max(highest, mark.sequence);
}

bool MarkAudit::take_file(const std::string& path, std::string& error) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    error = "cannot read " + path;
    return false;
  }
  std::string line;
  while (std::getline(file, line)) {
    const bool ended = !file.eof();
    take(ended ? std::string_view(line) : std::string_view());
  }
  return true;
}

void MarkAudit::expect(std::uint32_t run, std::uint64_t notifications) {
  RunAudit& audit = runs_[run];
  audit.expected = std::max(audit.highest_end, notifications);
}

std::uint64_t MarkAudit::count_missing(std::uint32_t run,
                                       const std::vector<std::uint32_t>& sequences) const {
  const auto found = runs_.find(run);
  if (found == runs_.end()) return sequences.size();
  const std::vector<bool>& seen = found->second.seen;
  const auto missing = std::count_if(sequences.begin(), sequences.end(), [&](std::uint32_t at) {
    return at >= seen.size() || !seen[at];
  });
  return static_cast<std::uint64_t>(missing);
}

}  // namespace trapline::gateway::load
