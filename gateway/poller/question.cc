#include "gateway/poller/question.h"

#include <algorithm>

#include "protocol/error_status.h"
#include "protocol/mib/mib_index.h"

namespace trapline::gateway {
namespace {

using protocol::RequestKind;
using protocol::ResponsePdu;

std::string name_text(protocol::OidView oid) {
  std::string text;
  protocol::mib::MibIndex::built_in().append_name(oid, text);
  return text;
}

GetAnswer malformed(std::string reason) {
  GetAnswer answer;
  answer.outcome = GetOutcome::malformed;
  answer.reason = std::move(reason);
  return answer;
}

GetAnswer judge_error(const Question& question, const ResponsePdu& response) {
  GetAnswer answer;
  answer.outcome = GetOutcome::error_status;
  answer.error_status = response.error_status;
  const auto index = static_cast<std::size_t>(std::max(response.error_index, 0));
  answer.error_index = index <= question.names.size() ? index : 0;
  answer.reason = protocol::error_status_name(response.error_status) + ": " +
                  std::string(protocol::error_status_meaning(response.error_status));
  if (answer.error_index != 0) {
    answer.reason += " (" + name_text(question.names[answer.error_index - 1]) + ")";
  } else if (response.error_index != 0) {
    answer.reason += " (its error-index " + std::to_string(response.error_index) +
                     " points at none of the " + std::to_string(question.names.size()) +
                     " names asked)";
  }
  return answer;
}

// How the values do not fit the question; empty when they do.
std::string misfit(const Question& question, const ResponsePdu& response) {
  const std::size_t count = response.varbinds.size();
  const std::size_t asked = question.names.size();
  if (question.kind == RequestKind::get_bulk) {
    if (count > question.most_values()) {
      return "it holds " + std::to_string(count) + " values, more than the " +
             std::to_string(question.most_values()) + " asked for at most";
    }
    return count == 0 ? "it holds no value at all" : "";
  }
  if (count != asked) {
    return "it holds " + std::to_string(count) + " values for " + std::to_string(asked) + " names";
  }
  if (question.kind == RequestKind::get_next) return "";
  for (std::size_t i = 0; i < asked; ++i) {
    if (response.varbinds[i].name == question.names[i].view()) continue;
    return "it holds " + name_text(response.varbinds[i].name) + " where " +
           name_text(question.names[i]) + " was asked for";
  }
  return "";
}

}  // namespace

std::size_t Question::most_values() const {
  if (kind != RequestKind::get_bulk) return names.size();
  const auto once = std::min(static_cast<std::size_t>(std::max(non_repeaters, 0)), names.size());
  return once + (names.size() - once) * static_cast<std::size_t>(std::max(max_repetitions, 0));
}

GetAnswer judge_response(const Question& question, const ResponsePdu& response) {
  if (response.error_status != protocol::kNoError) return judge_error(question, response);
  std::string problem = misfit(question, response);
  if (!problem.empty()) return malformed("the answer does not fit the question: " + problem);
  GetAnswer answer;
  answer.outcome = GetOutcome::answered;
  answer.values.reserve(response.varbinds.size());
  for (const protocol::VarBind& varbind : response.varbinds) {
    answer.values.push_back(polled(varbind));
  }
  return answer;
}

std::string describe(const protocol::DecodeError& error) {
  return std::string(protocol::name_of(error.kind)) + " at octet " + std::to_string(error.offset);
}

PolledVarBind polled(const protocol::VarBind& varbind) {
  PolledVarBind out;
  out.name = protocol::Oid(varbind.name);
  out.type = varbind.value.type;
  out.tag = varbind.value.tag;
  out.number = varbind.value.number;
  out.content.assign(varbind.value.content.begin(), varbind.value.content.end());
  return out;
}

}  // namespace trapline::gateway
