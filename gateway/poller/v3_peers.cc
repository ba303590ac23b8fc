#include "gateway/poller/v3_peers.h"

namespace trapline::gateway {

V3Peer::V3Peer(std::shared_ptr<const PollAccess> by, protocol::usm::SaltCounters& salts)
    : access(std::move(by)),
      originator(access->v3->user, salts, {access->v3->level, access->v3->context_name, {}}) {
  if (!access->v3->engine_id.empty()) originator.expect_engine(access->v3->engine_id);
}

V3Peers::V3Peers(base::Random& random) {
  salts_.aes = random.next();
  salts_.des = static_cast<std::uint32_t>(random.next());
}

std::shared_ptr<V3Peer> V3Peers::find(const base::Endpoint& address,
                                      const std::shared_ptr<const PollAccess>& access) {
  const Key key{address, access.get()};
  const auto known = peers_.find(key);
  if (known != peers_.end()) {
    uses_.splice(uses_.begin(), uses_, known->second.use);
    return known->second.peer;
  }
  if (peers_.size() == kMaxPeers) {
    peers_.erase(uses_.back());
    uses_.pop_back();
  }
  uses_.push_front(key);
  auto peer = std::make_shared<V3Peer>(access, salts_);
  peers_.emplace(key, Place{peer, uses_.begin()});
  return peer;
}

void V3Peers::forget(const base::Endpoint& address, const PollAccess& access) {
  const auto known = peers_.find(Key{address, &access});
  if (known == peers_.end()) return;
  uses_.erase(known->second.use);
  peers_.erase(known);
}

}  // namespace trapline::gateway
