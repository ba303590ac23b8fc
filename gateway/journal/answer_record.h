// ANSWER payload: what a device answered when a rule asked it, or why it did not. Rules learn of it
// when the router reads it back, so that its place among the events is on record.
//
//   0 u8 format 1   1 u8 state   2 u8 length of the enrichment's name   3 u8 whether it was heard
//   4 u32 seconds for which it is good   8 agent ip (16)   24 u16 length of the key   26 u16 zero
// then name and key (EnrichmentWish::key), then for each value what write_answered() writes.
#pragma once

#include <chrono>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/ip_address.h"
#include "rules/enrichment.h"

namespace trapline::gateway::journal {

// What an answer may take, so that it always fits its record, and an OUTCOME with it.
inline constexpr std::size_t kMaxAnsweredBytes = 8 * 1024;
inline constexpr std::size_t kMaxAnsweredValueBytes = 1'024;

// Plain value; a decoded one views the payload and the scratch.
struct Answer {
  rules::AnswerState state = rules::AnswerState::failed;
  base::IpAddress agent;
  bool heard = false;  // whether the device said anything at all, be it an error
  std::string_view enrichment;
  std::string_view key;
  std::chrono::seconds good_for{0};
  std::span<const rules::AnsweredMember> members;
};

// "known", "timeout", ...
[[nodiscard]] std::string_view name_of(rules::AnswerState state);

// Octets that `encode_answer` will write.
[[nodiscard]] std::size_t answer_bytes(const Answer& answer);
// Writes the payload into `out`, which has exactly answer_bytes().
void encode_answer(const Answer& answer, base::MutableBytes out);
// Reads a payload; false when it is not one.
[[nodiscard]] bool decode_answer(base::Bytes payload, std::vector<rules::AnsweredMember>& scratch,
                                 Answer& answer);

// One value: u8 length of its name, u8 type, u8 tag, u8 zero, u64 number, u16 length of the OID,
// u16 of the content, then the three. Bytes it takes; writing it; reading one off the front of
// `in`.
[[nodiscard]] std::size_t answered_bytes(const rules::AnsweredMember& member);
void write_answered(const rules::AnsweredMember& member, base::MutableBytes out);
[[nodiscard]] bool read_answered(base::Bytes& in, rules::AnsweredMember& member);

}  // namespace trapline::gateway::journal
