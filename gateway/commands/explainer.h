// Takes one message through the line as the gateway does, and writes down each step.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/access.h"
#include "gateway/commands/explanation.h"
#include "gateway/commands/message_input.h"
#include "gateway/config/config.h"
#include "protocol/decode.h"
#include "protocol/usm/inbound.h"
#include "rules/rule_set.h"

namespace trapline::gateway {

// Judges by `config`, which outlives it, and without a running gateway: the time windows of SNMPv3
// are those of the messages explained so far, by the times of their capture. Used by one thread.
class Explainer {
 public:
  // Without `rules` it ends where they would begin.
  explicit Explainer(const Config& config, std::shared_ptr<const rules::RuleSet> rules = nullptr);

  // Explains one message.
  [[nodiscard]] Explanation explain(const InputMessage& input);

 private:
  using Decoded = base::Result<protocol::Decoded, protocol::DecodeError>;

  bool admit(const InputMessage& input, Explanation& explanation) const;
  [[nodiscard]] Decoded decode(const InputMessage& input);
  [[nodiscard]] Decoded decode_once(const InputMessage& input);
  void take_engine_from(const protocol::usm::V3Trace& trace, base::BootTime now);
  bool add_version(const InputMessage& input, const Decoded& decoded, Explanation& explanation);
  bool add_community(const InputMessage& input, const protocol::Decoded& decoded,
                     Explanation& explanation) const;
  bool add_pdu(const InputMessage& input, const Decoded& decoded, Explanation& explanation) const;
  void add_event(const InputMessage& input, protocol::TrapMessage& message, base::Bytes pdu,
                 Explanation& explanation) const;

  const Config& config_;
  const std::shared_ptr<const rules::RuleSet> rules_;  // may be null
  const Access access_;
  protocol::DecodeScratch scratch_;

  // SNMPv3, as of nobody's running engine.
  protocol::usm::LocalEngine own_;
  bool own_assumed_ = false;
  std::optional<std::int32_t> own_boots_;  // of the last start here, as far as known
  protocol::usm::EngineTable engines_;
  protocol::usm::SaltCounters salts_;
  protocol::usm::UsmStats stats_;
  std::unique_ptr<protocol::usm::Inbound> inbound_;  // null while no user is configured
};

}  // namespace trapline::gateway
