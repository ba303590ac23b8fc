// An explanation: the way of one message through the gateway, step by step, each with its verdict.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trapline::gateway {

enum class Verdict : std::uint8_t {
  passed,
  noted,      // passed, and worth a look
  unjudged,   // cannot be told from here
  answered,   // ends here: part of the protocol, nothing to store
  refused,    // a running gateway drops the message here
  malformed,  // there is nothing to judge
};
// "ok", "note", "unknown", "answered", "refused", "malformed".
[[nodiscard]] std::string_view name_of(Verdict verdict);

// One step. Plain value.
struct ExplainedStep {
  std::string_view name;  // a literal: "admission", "digest"
  Verdict verdict = Verdict::passed;
  std::string detail;  // what was found, in one line
  std::string advice;  // what to do about it; of every refusal
};

// All steps of a message that were taken, in their order; the last one says how it ended. Later
// stages of the line add theirs at the end. Plain value.
struct Explanation {
  std::string place;  // "packet 7", or empty
  std::string way;    // "10.0.0.5:3456 to 10.0.0.1:162", or empty
  std::size_t size_bytes = 0;
  std::vector<ExplainedStep> steps;
  std::string event_text;  // empty unless accepted
  std::string event_json;

  // Adds a step; true when the message goes on.
  bool add(std::string_view name, Verdict verdict, std::string detail, std::string advice = {});
  // True while no step has ended it: a notification that is stored.
  [[nodiscard]] bool accepted() const;
  // True when the gateway drops it.
  [[nodiscard]] bool refused() const;
};

// For people: a line for each step.
[[nodiscard]] std::string explanation_text(const Explanation& explanation);
// One line of JSON.
[[nodiscard]] std::string explanation_json(const Explanation& explanation);

}  // namespace trapline::gateway
