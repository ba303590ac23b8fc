#include "rules/template.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "rules/nearest.h"
#include "rules/string_literal.h"
#include "rules/template_filter.h"
#include "rules/time_text.h"

namespace trapline::rules {
namespace {

constexpr std::string_view kOpen = "{{";
constexpr std::string_view kClose = "}}";
constexpr std::string_view kBlanks = " \t\r\n";

constexpr std::array<std::pair<std::string_view, FilterKind>, 9> kFilters = {
    {{"default", FilterKind::fallback},
     {"upper", FilterKind::upper},
     {"lower", FilterKind::lower},
     {"json", FilterKind::json},
     {"slack", FilterKind::slack},
     {"url", FilterKind::url},
     {"truncate", FilterKind::truncate},
     {"hex", FilterKind::hex},
     {"date", FilterKind::date}}};

bool is_word(char octet) {
  const char lower = static_cast<char>(octet | 0x20);
  return (lower >= 'a' && lower <= 'z') || (octet >= '0' && octet <= '9') || octet == '_';
}

// A stretch of the template.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

}  // namespace

struct Template::Part {
  std::string text;                      // when there is no expression
  std::optional<Expression> expression;  // then
  std::vector<Filter> filters;
};

// Compiles one template.
class TemplateCompiler {
 public:
  TemplateCompiler(const SourceText& source, const Vocabulary& vocabulary, SpecProblems& problems)
      : source_(source), text_(source.text), vocabulary_(vocabulary), problems_(problems) {}

  std::optional<Template> compile() {
    if (text_.size() > kMaxTemplateBytes) {
      add_problem(0,
                  "this template is longer than " + std::to_string(kMaxTemplateBytes) + " octets");
      return std::nullopt;
    }
    const std::size_t before = problems_.size();
    for (std::size_t at = 0; at < text_.size();) {
      const std::size_t open = std::min(text_.find(kOpen, at), text_.size());
      if (open != at) add_text(text_.substr(at, open - at));
      if (open == text_.size()) break;
      at = take_value(open + kOpen.size());
      if (at == 0) break;
    }
    if (problems_.size() != before) return std::nullopt;
    return std::move(template_);
  }

 private:
  void add_problem(std::size_t at, std::string message, std::string hint = {}) {
    problems_.push_back({source_.at(at), std::move(message), std::move(hint)});
  }

  void add_text(std::string_view text) {
    Template::Part part;
    part.text = text;
    template_.parts_.push_back(std::make_shared<const Template::Part>(std::move(part)));
  }

  // Where the piece of a value that begins at `at` ends: at a `|`, a `}}` or, within parentheses,
  // at the one that closes them; 0 when it does not.
  std::size_t end_of_piece(std::size_t at, bool in_parentheses) {
    for (int depth = 0; at < text_.size();) {
      const std::string_view rest = text_.substr(at);
      if (rest.front() == '"' || rest.front() == '\'') {
        const bool raw = (text_[at - 1] | 0x20) == 'r' && !is_word(text_[at - 2]);
        const StringLiteral literal = read_string_literal(text_, raw ? at - 1 : at);
        if (literal.error != nullptr) {
          add_problem(literal.end, literal.error);
          return 0;
        }
        at = literal.end;
        continue;
      }
      if (rest.starts_with(kClose)) break;
      if (depth == 0 && in_parentheses && rest.front() == ')') return at;
      if (rest.starts_with("||")) {
        at += 2;
        continue;
      }
      if (depth == 0 && !in_parentheses && rest.front() == '|') return at;
      if (rest.front() == '(') ++depth;
      if (rest.front() == ')') --depth;
      ++at;
    }
    if (at < text_.size()) return at;
    add_problem(opened_, "`{{` is not followed by `}}`",
                "to write the characters themselves: {{ \"{{\" }}");
    return 0;
  }

  // Reads what stands behind `{{`; where the text goes on, or 0.
  std::size_t take_value(std::size_t at) {
    opened_ = at - kOpen.size();
    const std::size_t end = end_of_piece(at, false);
    if (end == 0) return 0;
    Template::Part part;
    part.expression = expression({at, end});
    at = end;
    while (text_.substr(at).starts_with('|')) {
      if (part.filters.size() == kMaxTemplateFilters) {
        add_problem(at, "there are more than " + std::to_string(kMaxTemplateFilters) + " filters");
        return 0;
      }
      at = take_filter(at + 1, part.filters);
      if (at == 0) return 0;
    }
    template_.parts_.push_back(std::make_shared<const Template::Part>(std::move(part)));
    return at + kClose.size();
  }

  std::optional<Expression> expression(Range range) {
    return Expression::compile_part(source_, range.begin, range.end - range.begin,
                                    Expression::Wanted::any, vocabulary_, problems_);
  }

  [[nodiscard]] std::size_t skip_blanks(std::size_t at) const {
    return std::min(text_.find_first_not_of(kBlanks, at), text_.size());
  }

  // Reads a filter; where the piece behind it begins (`|` or `}}`), or 0.
  std::size_t take_filter(std::size_t at, std::vector<Filter>& filters) {
    const std::size_t name_at = skip_blanks(at);
    std::size_t end = name_at;
    while (end < text_.size() && is_word(text_[end])) ++end;
    const std::string_view name = text_.substr(name_at, end - name_at);
    const auto known =
        std::ranges::find(kFilters, name, &std::pair<std::string_view, FilterKind>::first);
    if (known == kFilters.end()) {
      std::array<std::string_view, kFilters.size()> names;
      std::ranges::transform(kFilters, names.begin(),
                             &std::pair<std::string_view, FilterKind>::first);
      add_problem(
          name_at,
          name.empty() ? "a filter is expected here" : "no filter `" + std::string(name) + "`",
          nearest_hint(name, names));
      return 0;
    }
    filters.push_back({known->second});
    std::optional<Range> argument;
    end = skip_blanks(end);
    if (text_.substr(end).starts_with('(')) {
      const std::size_t close = end_of_piece(end + 1, true);
      if (close == 0) return 0;
      if (text_[close] != ')') {
        add_problem(end, "this parenthesis is not closed");
        return 0;
      }
      argument = Range{end + 1, close};
      end = skip_blanks(close + 1);
    }
    if (!take_argument(filters.back(), name_at, argument)) return 0;
    const std::string_view rest = text_.substr(end);
    if (rest.starts_with(kClose) || (rest.starts_with('|') && !rest.starts_with("||"))) return end;
    add_problem(end, "behind a filter stands `|` or `}}`");
    return 0;
  }

  bool take_argument(Filter& filter, std::size_t at, const std::optional<Range>& argument) {
    const bool takes_one = filter.kind == FilterKind::fallback ||
                           filter.kind == FilterKind::truncate || filter.kind == FilterKind::date;
    if (takes_one != argument.has_value()) {
      add_problem(at, takes_one ? "this filter takes an argument" : "this filter takes no argument",
                  takes_one ? "e.g. default(\"-\"), truncate(80), date(\"%F %T\")" : "");
      return false;
    }
    if (!takes_one) return true;
    if (filter.kind == FilterKind::fallback) {
      filter.fallback = expression(*argument);
      return filter.fallback.has_value();
    }
    const std::size_t begin = skip_blanks(argument->begin);
    std::string_view written = text_.substr(begin, argument->end - begin);
    written = written.substr(0, written.find_last_not_of(kBlanks) + 1);
    return filter.kind == FilterKind::date ? take_format(filter, begin, written)
                                           : take_count(filter, begin, written);
  }

  bool take_format(Filter& filter, std::size_t begin, std::string_view written) {
    const bool quoted = written.starts_with('"') || written.starts_with('\'');
    StringLiteral literal = quoted ? read_string_literal(written, 0) : StringLiteral();
    if (!quoted || literal.end != written.size()) {
      add_problem(begin, "date() takes a format in quotes", "e.g. date(\"%F %T\")");
      return false;
    }
    filter.format = std::move(literal.value);
    const std::string_view unknown = unknown_conversion(filter.format);
    if (unknown.empty()) return true;
    add_problem(begin, "date() does not know `" + std::string(unknown) + "`",
                "it knows %Y %m %d %H %M %S %y %j %e %a %A %b %B %F %T %z %Z %s %%");
    return false;
  }

  bool take_count(Filter& filter, std::size_t begin, std::string_view written) {
    const char* const end = written.data() + written.size();
    const auto read = std::from_chars(written.data(), end, filter.characters);
    const bool right = read.ec == std::errc{} && read.ptr == end && filter.characters > 0;
    if (!right) add_problem(begin, "truncate() takes a number of characters", "e.g. truncate(80)");
    return right;
  }

  const SourceText& source_;
  std::string_view text_;
  const Vocabulary& vocabulary_;
  SpecProblems& problems_;
  std::size_t opened_ = 0;
  Template template_;
};

std::optional<Template> Template::compile(const SourceText& source, const Vocabulary& vocabulary,
                                          SpecProblems& problems) {
  return TemplateCompiler(source, vocabulary, problems).compile();
}

namespace {

// A failure, unless one was noted before.
void fail(Rendering& rendering, std::string_view why) {
  if (!rendering.failed) rendering.why = why;
  rendering.failed = true;
}

// Puts the text of a value behind `text`.
void append_value(const Value& value, std::string& text, Rendering& rendering) {
  if (value.is_absent() || value.kind() == Value::Kind::null) {
    ++rendering.missing;
  } else if (value.is_error()) {
    fail(rendering, value.text());
  } else if (!value.append_to(text)) {
    fail(rendering, "a value has no text");
  }
}

// Puts the text of one value, once it went through the filters, behind `text`.
void render_value(const Expression& expression, std::span<const Filter> filters,
                  const Subject& subject, EvaluationScratch& scratch, std::string& text,
                  Rendering& rendering) {
  Value value = expression.evaluate(subject, scratch);
  for (const Filter& filter : filters) {
    const bool absent = value.is_absent() || value.kind() == Value::Kind::null;
    if (filter.kind == FilterKind::fallback) {
      if (absent) value = filter.fallback->evaluate(subject, scratch);
      continue;
    }
    if (absent || value.is_error()) continue;
    // What the filter before gave is read while this one writes.
    std::string& out = scratch.unfiltered();
    out.clear();
    if (!apply(filter, value, out)) {
      value = Value::error("a filter has no use for such a value");
      continue;
    }
    scratch.filtered().swap(out);
    value = scratch.filtered().size() <= kMaxProducedBytes ? Value::string(scratch.filtered())
                                                           : Value::error("the text is too long");
  }
  append_value(value, text, rendering);
}

}  // namespace

const std::string* Template::constant() const {
  return parts_.size() == 1 && !parts_.front()->expression ? &parts_.front()->text : nullptr;
}

Rendering Template::render(const Subject& subject, EvaluationScratch& scratch,
                           std::string& out) const {
  Rendering rendering;
  const std::size_t begin = out.size();
  for (const auto& part : parts_) {
    if (part->expression && part->filters.empty()) {
      append_value(part->expression->evaluate(subject, scratch), out, rendering);
    } else if (part->expression) {
      render_value(*part->expression, part->filters, subject, scratch, out, rendering);
    } else {
      out += part->text;
    }
    if (out.size() - begin <= kMaxProducedBytes) continue;
    std::size_t end = begin + kMaxProducedBytes;
    while (end > begin && (static_cast<unsigned char>(out[end]) & 0xc0U) == 0x80U) --end;
    out.resize(end);
    fail(rendering, "the text is too long");
    break;
  }
  return rendering;
}

}  // namespace trapline::rules
