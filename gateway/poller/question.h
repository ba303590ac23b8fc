// A question as one PDU asks it, and the judgement of what comes back.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gateway/poller/getter.h"
#include "protocol/decode_error.h"
#include "protocol/request.h"

namespace trapline::gateway {

// Plain value. Of get_bulk: the first `non_repeaters` names are asked for once.
struct Question {
  protocol::RequestKind kind = protocol::RequestKind::get;
  std::vector<protocol::Oid> names;
  std::int32_t non_repeaters = 0;
  std::int32_t max_repetitions = 0;

  // How many values the answer may hold at most.
  [[nodiscard]] std::size_t most_values() const;
};

// What a Response with the right request-id says to a question: its values, its error with an index
// checked against the names, or that it does not fit the question. Pure; any thread.
[[nodiscard]] GetAnswer judge_response(const Question& question,
                                       const protocol::ResponsePdu& response);

// "truncated at octet 37": what is wrong with a datagram, for people.
[[nodiscard]] std::string describe(const protocol::DecodeError& error);

// An owning copy.
[[nodiscard]] PolledVarBind polled(const protocol::VarBind& varbind);

}  // namespace trapline::gateway
