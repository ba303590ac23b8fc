// What the rules have decided so far about one event: expressions read it, actions write it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "protocol/mib/mib_index.h"
#include "protocol/trap_message.h"
#include "protocol/varbind.h"
#include "rules/routed_trap.h"

namespace trapline::rules {

// Reused from event to event; `clear` keeps the memory. Not synchronised.
class Draft {
 public:
  Severity severity = Severity::info;
  State state = State::event;
  std::string key;      // empty: agent.ip/trap.oid
  std::string summary;  // empty: the notification's name and agent

  // Sets a tag, or replaces its value.
  void set_tag(std::string_view name, std::string_view value);
  // The value of a tag; null when it is not set. Valid until the next `set_tag` or `clear`.
  [[nodiscard]] const std::string* tag(std::string_view name) const;
  // In the order in which they were first set.
  [[nodiscard]] std::span<const std::pair<std::string, std::string>> tags() const {
    return {tags_.data(), tag_count_};
  }
  // As for a new event.
  void clear();
  // Swaps key, summary and tags with the given texts; how many tags there are. The draft must be
  // cleared then.
  [[nodiscard]] std::size_t give(std::string& key_text, std::string& summary_text,
                                 std::vector<std::pair<std::string, std::string>>& tag_texts);

 private:
  std::vector<std::pair<std::string, std::string>> tags_;
  std::size_t tag_count_ = 0;
};

// What devices answered when asked about one event. Implementations say which thread may ask.
class EnrichmentValues {
 public:
  virtual ~EnrichmentValues() = default;
  // The answer for one member of an enrichment; null when there is none. Valid as long as this.
  [[nodiscard]] virtual const protocol::VarBind* value(std::string_view enrichment,
                                                       std::string_view member) const = 0;
};

// What an expression or a template is evaluated over. Views everything; plain value.
struct Subject {
  const protocol::TrapMessage& message;
  const Draft& draft;
  const protocol::mib::MibIndex& mibs;
  base::RuleTime time;
  const EnrichmentValues* enrichments = nullptr;  // null: nobody was asked
  Synthetic made_by = Synthetic::none;            // of an event that nobody sent
};

}  // namespace trapline::rules
