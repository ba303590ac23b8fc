// The body template of a webhook: one of the rules' templates over a decided event.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "protocol/mib/mib_index.h"
#include "rules/rule_spec.h"
#include "rules/template.h"
#include "sinks/body_template.h"

namespace trapline::gateway {

// Compiles a template of a body, which knows no tables. It may name what `enrichments` ask. Nothing
// when anything is wrong: `problems` says what and where. `mibs` outlives the template.
[[nodiscard]] std::optional<rules::Template> compile_body(
    const rules::SourceText& source, std::span<const rules::EnrichmentSpec> enrichments,
    const protocol::mib::MibIndex& mibs, rules::SpecProblems& problems);

// Bodies by such a template. What it gives must be JSON: text of the event goes through the filter
// `json`. `mibs` outlives it.
[[nodiscard]] std::unique_ptr<sinks::BodyTemplate> make_body_template(
    rules::Template compiled, const protocol::mib::MibIndex& mibs);

}  // namespace trapline::gateway
