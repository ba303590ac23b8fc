#include "gateway/load/hostile_source.h"

#include <algorithm>
#include <string>

namespace trapline::gateway::load {
namespace {

namespace usm = protocol::usm;

// The same user, with keys that nobody has.
usm::UsmUser impostor(const usm::UsmUser& user) {
  usm::UsmUser copy;
  copy.name = user.name;
  copy.auth = user.auth;
  copy.priv = user.priv;
  usm::MasterKeys keys;
  const auto wrong = [](const base::Secret& key) {
    return base::Secret(std::string(key.reveal().size(), '!'));
  };
  for (const usm::MasterKeys& pair : user.keys) {
    copy.keys.push_back({wrong(pair.auth), wrong(pair.priv)});
  }
  return copy;
}

}  // namespace

HostileSource::HostileSource(Hostility hostility, const LoadOptions& options,
                             const usm::UsmUser& user, const usm::LocalEngine& engine,
                             const base::Clock& clock, base::Random& random)
    : new_engines_(hostility != Hostility::digest) {
  const NotificationTemplate pdu(options);
  const usm::UsmUser sender = impostor(user);
  usm::SaltCounters salts;
  salts.aes = random.next();
  usm::Originator originator(sender, salts, {user.highest_level(), {}, {}});
  originator.be_authoritative(engine);
  const bool asks = hostility == Hostility::engine;
  originator.write(kLeastRequestId, pdu.bytes(), asks, clock.boot(), message_);
  auto at = message_.begin();
  while ((at = std::search(at, message_.end(), engine.id.begin(), engine.id.end())) !=
         message_.end()) {
    at += static_cast<std::ptrdiff_t>(engine.id.size());
    engine_ids_end_.push_back(static_cast<std::size_t>(at - message_.begin()));
  }
}

void HostileSource::write(const Identity& identity, std::vector<std::byte>& out) {
  if (out.size() != message_.size()) out = message_;
  if (!new_engines_) return;
  for (const std::size_t end : engine_ids_end_) {
    for (std::size_t i = 0; i < 4; ++i) {
      out[end - 1 - i] = static_cast<std::byte>(identity.sequence >> (8 * i));
    }
  }
}

}  // namespace trapline::gateway::load
