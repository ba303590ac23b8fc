// Enrichment: what rules ask the device behind an event, and what it answered.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "protocol/oid.h"
#include "protocol/varbind.h"

namespace trapline::rules {

// One member of an enrichment, and the instance that is its value for one event. Plain value.
struct WishedMember {
  std::string name;
  protocol::Oid oid;
};

// One enrichment for one event: what to ask which device. Plain value.
struct EnrichmentWish {
  base::IpAddress agent;
  std::string enrichment;
  std::vector<WishedMember> members;
  std::chrono::seconds keep{0};  // how long an answer is good

  // Octets that are the same for wishes which the same answer serves.
  [[nodiscard]] std::string key() const;
};

// What is known of an answer. Journaled: numbers never change meaning.
enum class AnswerState : std::uint8_t {
  known,    // the device answered
  unknown,  // not yet: worth waiting for
  timeout,  // it did not answer in time
  failed,   // it answered with an error, or cannot be asked
  skipped,  // it was not asked: too much else was to be asked
};

// One value of an answer. Views what the answer views.
struct AnsweredMember {
  std::string_view name;
  protocol::VarBind varbind;
};

// An answer. `members` only when known; those that the device does not have are missing.
struct EnrichmentAnswer {
  AnswerState state = AnswerState::failed;
  std::span<const AnsweredMember> members;
};

// Where answers come from. Implementations say which thread may ask, and how long answers last.
class EnrichmentAnswers {
 public:
  virtual ~EnrichmentAnswers() = default;
  // What is known of the answer to `wish`.
  [[nodiscard]] virtual EnrichmentAnswer find(const EnrichmentWish& wish) const = 0;
};

}  // namespace trapline::rules
