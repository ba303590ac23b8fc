// SNMPv3 messages of a load: each one is encrypted and authenticated on its own.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "gateway/load/load_options.h"
#include "gateway/load/load_sockets.h"
#include "gateway/load/message_source.h"
#include "protocol/usm/originator.h"

namespace trapline::gateway::load {

// One user. Traps are those of one engine of our own; informs need `discover` first. The user and
// the clock outlive it.
class V3Source final : public MessageSource {
 public:
  // Takes kind, varbinds and run from `options`.
  V3Source(const LoadOptions& options, const protocol::usm::UsmUser& user,
           const protocol::usm::OriginatorOptions& v3, const base::Clock& clock,
           base::Random& random);

  // For traps: the engine they are of.
  void send_as(const protocol::usm::LocalEngine& engine) { originator_.be_authoritative(engine); }
  // For informs: asks the receiver for its engineID, up to `attempts` times. False when it did not
  // answer. Blocks.
  [[nodiscard]] bool discover(LoadSockets& sockets, std::chrono::milliseconds timeout,
                              unsigned attempts);

  void write(const Identity& identity, std::vector<std::byte>& out) override;
  [[nodiscard]] std::optional<Answer> read(base::Bytes datagram) override;
  [[nodiscard]] bool ready() const override { return ready_; }
  [[nodiscard]] std::string trouble() const override { return trouble_; }

 private:
  NotificationTemplate pdu_;
  std::vector<std::byte> pdu_copy_;
  const bool confirmed_;
  const base::Clock& clock_;
  protocol::usm::SaltCounters salts_;
  protocol::usm::Originator originator_;
  bool ready_;
  std::string trouble_;
};

}  // namespace trapline::gateway::load
