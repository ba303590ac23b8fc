// SNMPv3 messages that a receiver must turn away: what hostile traffic costs it.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "gateway/load/load_options.h"
#include "gateway/load/message_source.h"
#include "protocol/usm/originator.h"

namespace trapline::gateway::load {

enum class Hostility : std::uint8_t {
  digest,  // of a known engine and user, with a wrong digest
  engine,  // asks another engine for an answer, each message a new one
  forged,  // a trap of an engine nobody knows, each message a new one, with a wrong digest
};

// One message, made once; the engineID changes in each copy. The attacker knows a user's name and
// no password.
class HostileSource final : public MessageSource {
 public:
  // Takes varbinds and run from `options`, name and protocols from `user`.
  HostileSource(Hostility hostility, const LoadOptions& options, const protocol::usm::UsmUser& user,
                const protocol::usm::LocalEngine& engine, const base::Clock& clock,
                base::Random& random);

  void write(const Identity& identity, std::vector<std::byte>& out) override;
  [[nodiscard]] std::optional<Answer> read(base::Bytes /*datagram*/) override { return {}; }

 private:
  std::vector<std::byte> message_;
  std::vector<std::size_t> engine_ids_end_;  // where engineIDs end in it
  const bool new_engines_;
};

}  // namespace trapline::gateway::load
