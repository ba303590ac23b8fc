#include "rules/condition.h"

#include <algorithm>
#include <atomic>

#include <re2/re2.h>
#include <re2/set.h>

namespace trapline::rules {
namespace {

constexpr std::size_t kFewestInSet = 4;  // fewer are asked sooner one by one

re2::RE2::Options options_of(std::int64_t memory_bytes) {
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_max_mem(memory_bytes);
  return options;
}

re2::StringPiece piece_of(std::string_view text) { return {text.data(), text.size()}; }

std::uint64_t next_identity() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

class CompiledRegex final : public Regex {
 public:
  explicit CompiledRegex(std::string_view pattern)
      : regex_(piece_of(pattern), options_of(kMaxRegexMemoryBytes)) {}

  [[nodiscard]] const re2::RE2& regex() const { return regex_; }
  [[nodiscard]] bool occurs_in(std::string_view text) const override {
    return re2::RE2::PartialMatch(piece_of(text), regex_);
  }

 private:
  re2::RE2 regex_;
};

}  // namespace

std::shared_ptr<const Regex> Regex::compile(std::string_view pattern, std::string& error) {
  if (pattern.size() > kMaxRegexBytes) {
    error = "it is longer than " + std::to_string(kMaxRegexBytes) + " octets";
    return nullptr;
  }
  auto compiled = std::make_shared<const CompiledRegex>(pattern);
  if (compiled->regex().ok()) return compiled;
  error = compiled->regex().error();
  return nullptr;
}

struct RegexSets::Set {
  explicit Set(std::string_view about)
      : field(about), regexes(options_of(kMaxRegexSetMemoryBytes), re2::RE2::UNANCHORED) {}

  std::string field;
  re2::RE2::Set regexes;
  std::uint32_t size = 0;
  bool in_use = false;
};

RegexSets::RegexSets() : identity_(next_identity()) {}
RegexSets::~RegexSets() = default;

std::optional<RegexSets::Member> RegexSets::add(std::string_view field, std::string_view pattern) {
  if (frozen_) return std::nullopt;
  std::size_t at = 0;
  while (at < sets_.size() && sets_[at]->field != field) ++at;
  if (at == kMaxRegexSets) return std::nullopt;
  if (at == sets_.size()) sets_.push_back(std::make_unique<Set>(field));
  Set& set = *sets_[at];
  const int number = set.regexes.Add(piece_of(pattern), nullptr);
  if (number < 0) return std::nullopt;
  set.size = static_cast<std::uint32_t>(number) + 1;
  return Member{static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(number)};
}

void RegexSets::freeze() {
  if (frozen_) return;
  frozen_ = true;
  for (const auto& set : sets_) {
    set->in_use = set->size >= kFewestInSet && set->regexes.Compile();
  }
}

std::optional<bool> RegexSets::ask(Member member, std::string_view text,
                                   EvaluationScratch& scratch) const {
  const Set& set = *sets_[member.set];
  if (!set.in_use) return std::nullopt;
  auto& result = scratch.set_result(identity_, member.set);
  if (result.event != scratch.event() || result.text != text) {
    result.event = scratch.event();
    result.text = text;
    std::vector<int>& matches = scratch.matches();
    re2::RE2::Set::ErrorInfo problem{};
    const bool any = set.regexes.Match(piece_of(text), &matches, &problem);
    result.failed = !any && problem.kind != re2::RE2::Set::kNoError;
    result.matched.assign(matches.begin(), matches.end());
    std::sort(result.matched.begin(), result.matched.end());
  }
  if (result.failed) return std::nullopt;
  return std::binary_search(result.matched.begin(), result.matched.end(), member.number);
}

std::optional<std::span<const std::uint32_t>> RegexSets::known(std::uint32_t set,
                                                               EvaluationScratch& scratch) const {
  if (!sets_[set]->in_use) return std::nullopt;
  const auto& result = scratch.set_result(identity_, set);
  if (result.event != scratch.event() || result.failed) return std::nullopt;
  return result.matched;
}

}  // namespace trapline::rules
