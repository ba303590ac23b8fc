#include "rules/rule_compiler.h"

#include <algorithm>

#include "rules/expression_fields.h"
#include "rules/nearest.h"

namespace trapline::rules {
namespace {

constexpr std::string_view kSubtree = ".*";
constexpr std::string_view kSeverities = "critical, major, minor, warning, info or cleared";

// FNV-1a over everything that gives a rule's state its meaning.
class StateHash {
 public:
  void add(std::string_view text) {
    for (const char octet : text) add_octet(static_cast<unsigned char>(octet));
    add_octet(0);
  }
  void add(std::uint64_t number) {
    for (int i = 0; i < 8; ++i, number >>= 8) add_octet(static_cast<unsigned char>(number));
  }
  void add(const std::vector<SourceText>& texts) {
    add(texts.size());
    for (const SourceText& text : texts) add(text.text);
  }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  void add_octet(unsigned char octet) { value_ = (value_ ^ octet) * 0x100'0000'01b3; }

  std::uint64_t value_ = 0xcbf2'9ce4'8422'2325;
};

template <class Spec>
void add_window(StateHash& hash, const std::optional<Spec>& spec, std::uint32_t count,
                std::chrono::seconds span) {
  hash.add(spec ? 1U : 0U);
  if (!spec) return;
  hash.add(count);
  hash.add(static_cast<std::uint64_t>(span.count()));
  hash.add(spec->by);
}

std::uint64_t state_hash_of(const RuleSpec& spec) {
  StateHash hash;
  hash.add(spec.name);
  hash.add(spec.match);
  hash.add(spec.when ? spec.when->text : std::string_view());
  hash.add(static_cast<std::uint64_t>(spec.hold.count()));
  const auto count_of = [](const auto& window) { return window ? window->count : 0; };
  add_window(hash, spec.dedup, 0, spec.dedup ? spec.dedup->window : std::chrono::seconds(0));
  add_window(hash, spec.limit, count_of(spec.limit),
             spec.limit ? spec.limit->per : std::chrono::seconds(0));
  add_window(hash, spec.threshold, count_of(spec.threshold),
             spec.threshold ? spec.threshold->within : std::chrono::seconds(0));
  add_window(hash, spec.absent, 0, spec.absent ? spec.absent->after : std::chrono::seconds(0));
  return hash.value();
}

std::string octets_of(protocol::OidView oid) { return std::string(base::as_text(oid.content())); }

}  // namespace

std::optional<Severity> severity_of(std::string_view name) {
  for (const Severity severity : {Severity::critical, Severity::major, Severity::minor,
                                  Severity::warning, Severity::info, Severity::cleared}) {
    if (name_of(severity) == name) return severity;
  }
  return std::nullopt;
}

RuleCompiler::RuleCompiler(const RulesSpec& spec, const RuleSetContext& context,
                           SpecProblems& problems)
    : spec_(spec),
      problems_(problems),
      problems_before_(problems.size()),
      rules_(new RuleSet(context)),
      vocabulary_{context.mibs, rules_->tables_, {}, &rules_->regexes_} {}

std::shared_ptr<const RuleSet> RuleCompiler::compile() {
  rules_->tables_ = Tables::read(spec_.tables, problems_);
  if (rules_->sinks_.size() > kMaxRoutedSinks) {
    problems_.push_back({{}, "too many sinks", "at most " + std::to_string(kMaxRoutedSinks)});
    return nullptr;
  }
  compile_enrichments();
  rules_->rules_.reserve(spec_.rules.size());
  for (const RuleSpec& rule : spec_.rules) add_rule(rule);
  if (spec_.has_routes) {
    rules_->routes_.emplace(spec_.routes, rules_->sinks_, vocabulary_, problems_);
  }
  if (problems_.size() != problems_before_) return nullptr;
  rules_->regexes_.freeze();
  std::vector<std::size_t>& lengths = rules_->subtree_bytes_;
  for (const auto& [root, numbers] : rules_->by_subtree_) lengths.push_back(root.size());
  std::sort(lengths.begin(), lengths.end());
  lengths.erase(std::unique(lengths.begin(), lengths.end()), lengths.end());
  return rules_;
}

void RuleCompiler::add_rule(const RuleSpec& spec) {
  if (!names_.insert(spec.name).second) {
    problems_.push_back({spec.place, "a second rule is called `" + spec.name + "`",
                         "names tell rules apart: give it another"});
  }
  const auto number = static_cast<std::uint32_t>(rules_->rules_.size());
  CompiledRule& rule = rules_->rules_.emplace_back();
  rule.name = spec.name;
  add_matches(spec, number);
  if (spec.when) {
    rule.when =
        Expression::compile(*spec.when, Expression::Wanted::boolean, vocabulary_, problems_);
  }
  compile_enrich(spec, rule);
  compile_set(spec.set, rule);
  rule.state = spec.state;
  rule.drop = spec.drop;
  rule.stop = spec.stop;
  compile_stateful(spec, rule);
}

// What one asks for cannot depend on what another answered: they are asked at once.
void RuleCompiler::compile_enrichments() {
  for (const EnrichmentSpec& spec : spec_.enrichments) compile_enrichment(spec);
  for (const CompiledEnrichment& enrichment : rules_->enrichments_) {
    EnrichmentNames& names = vocabulary_.enrichments.emplace_back();
    names.name = enrichment.name;
    for (const auto& [member, oid] : enrichment.get) names.members.push_back(member);
  }
}

void RuleCompiler::compile_enrichment(const EnrichmentSpec& spec) {
  if (is_field_name(spec.name)) {
    problems_.push_back({spec.place, "`" + spec.name + "` is a field of every event",
                         "give the enrichment another name"});
  }
  CompiledEnrichment& enrichment = rules_->enrichments_.emplace_back();
  enrichment.name = spec.name;
  enrichment.keep = spec.keep;
  for (const auto& [member, oid] : spec.get) {
    if (oid.text.find("{{") == std::string::npos && !vocabulary_.mibs.parse(oid.text)) {
      problems_.push_back({oid.at(0), "no MIB names `" + oid.text + "`",
                           "write MODULE::name.instance, or the OID: 1.3.6.1.2.1.1.5.0"});
    } else if (auto text = Template::compile(oid, vocabulary_, problems_)) {
      enrichment.get.emplace_back(member.text, std::move(*text));
    }
  }
}

void RuleCompiler::compile_enrich(const RuleSpec& spec, CompiledRule& rule) {
  for (const SourceText& wanted : spec.enrich) {
    const auto found =
        std::ranges::find(rules_->enrichments_, wanted.text, &CompiledEnrichment::name);
    if (found != rules_->enrichments_.end()) {
      const auto number = static_cast<std::uint32_t>(found - rules_->enrichments_.begin());
      if (std::ranges::find(rule.enrich, number) == rule.enrich.end()) {
        rule.enrich.push_back(number);
      }
      continue;
    }
    std::vector<std::string_view> names;
    for (const EnrichmentSpec& known : spec_.enrichments) names.push_back(known.name);
    std::string hint = nearest_hint(wanted.text, names);
    if (hint.empty()) hint = "say what to ask under `poller.enrichments`";
    problems_.push_back({wanted.at(0), "no enrichment `" + wanted.text + "`", std::move(hint)});
  }
  if (!spec.enrich.empty() && (spec.threshold || spec.absent)) {
    problems_.push_back({spec.enrich.front().at(0), "`enrich` beside `threshold` or `absent`",
                         "the event they emit waits for nobody: give it to a rule of its own"});
  }
}

void RuleCompiler::add_matches(const RuleSpec& spec, std::uint32_t number) {
  if (spec.match.empty()) rules_->everything_.push_back(number);
  for (const SourceText& match : spec.match) add_match(match, number);
}

void RuleCompiler::add_match(const SourceText& match, std::uint32_t number) {
  const bool subtree = match.text.ends_with(kSubtree);
  std::string_view name = match.text;
  if (subtree) name.remove_suffix(kSubtree.size());
  const auto oid = vocabulary_.mibs.parse(name);
  if (!oid) {
    problems_.push_back({match.at(0), "no MIB names `" + std::string(name) + "`",
                         "write MODULE::name as the MIB does, or the OID: 1.3.6.1.6.3.1.1.5.3; "
                         "1.3.6.1.4.1.9.* is everything below"});
    return;
  }
  auto& index = subtree ? rules_->by_subtree_ : rules_->by_oid_;
  auto& numbers = index[octets_of(oid->view())];
  if (numbers.empty() || numbers.back() != number) numbers.push_back(number);
}

std::optional<Template> RuleCompiler::compile_template(const std::optional<SourceText>& source) {
  if (!source) return std::nullopt;
  return Template::compile(*source, vocabulary_, problems_);
}

void RuleCompiler::compile_set(const SetSpec& spec, CompiledRule& rule) {
  if (spec.severity) {
    rule.severity = severity_of(spec.severity->text);
    if (!rule.severity && spec.severity->text.find("{{") == std::string::npos) {
      problems_.push_back({spec.severity->at(0), "`" + spec.severity->text + "` is no severity",
                           "write " + std::string(kSeverities)});
    } else if (!rule.severity) {
      rule.severity_template = compile_template(spec.severity);
    }
  }
  rule.summary = compile_template(spec.summary);
  rule.key = compile_template(spec.key);
  for (const auto& [name, value] : spec.tags) {
    auto text = Template::compile(value, vocabulary_, problems_);
    if (text) rule.tags.emplace_back(name.text, std::move(*text));
  }
}

template <class Spec>
Window RuleCompiler::window_of(const Spec& spec, std::uint32_t count, std::chrono::seconds span) {
  Window window{count, span, {}};
  for (const SourceText& by : spec.by) {
    auto key = Expression::compile(by, Expression::Wanted::any, vocabulary_, problems_);
    if (key) window.by.push_back(std::move(*key));
  }
  return window;
}

void RuleCompiler::compile_stateful(const RuleSpec& spec, CompiledRule& rule) {
  rule.hold = spec.hold;
  if (spec.hold.count() != 0 && spec.state != State::raise) {
    problems_.push_back({spec.place, "`hold_secs` without `state: raise`",
                         "only a raise can be held back: add `state: raise`"});
  }
  if (spec.dedup) rule.dedup = window_of(*spec.dedup, 0, spec.dedup->window);
  if (spec.limit) rule.limit = window_of(*spec.limit, spec.limit->count, spec.limit->per);
  if (spec.threshold) {
    rule.threshold = window_of(*spec.threshold, spec.threshold->count, spec.threshold->within);
    if (spec.threshold->count > kMaxThresholdCount) {
      problems_.push_back({spec.place, "`threshold` counts too many events",
                           "at most " + std::to_string(kMaxThresholdCount)});
    }
  }
  if (spec.absent) rule.absent = window_of(*spec.absent, 0, spec.absent->after);
  if (spec.threshold && spec.absent) {
    problems_.push_back({spec.place, "`threshold` and `absent` in one rule",
                         "`set` can speak for one of them only: make two rules"});
  }
  if (rule.speaks_for_synthetic() && (spec.drop || spec.hold.count() != 0)) {
    problems_.push_back({spec.place, "`drop` or `hold_secs` beside `threshold` or `absent`",
                         "they are about the event that is seen: give them a rule of their own"});
  }
  rule.state_hash = state_hash_of(spec);
}

}  // namespace trapline::rules
