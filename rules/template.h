// Template: text with values of the event in it, "{{ agent.ip }}/if/{{ vars.ifIndex }}".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/draft.h"
#include "rules/evaluation_scratch.h"
#include "rules/expression.h"
#include "rules/source_text.h"

namespace trapline::rules {

inline constexpr std::size_t kMaxTemplateBytes = 16'384;
inline constexpr std::size_t kMaxTemplateFilters = 16;  // in one chain

// How a template was rendered. Plain value.
struct Rendering {
  std::uint32_t missing = 0;  // values that were absent and have no default: rendered as ""
  bool failed = false;        // an error other than absence, or text beyond kMaxProducedBytes
  std::string_view why;       // the first failure, of the scratch or the template
};

// Immutable once compiled; any thread may render it with a scratch of its own.
class Template {
 public:
  // Compiles. What is wrong with an expression or a filter is a problem with its place; then there
  // is no template. Text without "{{" is a template, too.
  [[nodiscard]] static std::optional<Template> compile(const SourceText& source,
                                                       const Vocabulary& vocabulary,
                                                       SpecProblems& problems);

  // The text, when it is the same for every event; nothing otherwise.
  [[nodiscard]] const std::string* constant() const;
  // Appends the text to `out`, at most kMaxProducedBytes of it, cut between characters.
  Rendering render(const Subject& subject, EvaluationScratch& scratch, std::string& out) const;

 private:
  friend class TemplateCompiler;
  struct Part;
  Template() = default;

  std::vector<std::shared_ptr<const Part>> parts_;
};

}  // namespace trapline::rules
