#include "rules/nearest.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace trapline::rules {
namespace {

constexpr std::size_t kLongestName = 64;

// Letters to insert, delete or replace, whatever their case.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = (a[i - 1] | 0x20) == (b[j - 1] | 0x20);
      const std::size_t replaced = diagonal + (same ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

}  // namespace

std::string nearest_hint(std::string_view name, std::span<const std::string_view> known) {
  if (name.size() > kLongestName) return {};
  std::string_view best;
  std::size_t least = name.size() / 3 + 2;  // what is further away is another word
  for (const std::string_view candidate : known) {
    if (candidate.size() > kLongestName) continue;
    const std::size_t found = distance(name, candidate);
    if (found >= least || found >= candidate.size()) continue;
    least = found;
    best = candidate;
  }
  return best.empty() ? std::string() : "did you mean `" + std::string(best) + "`?";
}

}  // namespace trapline::rules
