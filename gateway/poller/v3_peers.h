// V3Peers: what is known of the SNMPv3 engines that are asked: their IDs, boots and time.
#pragma once

#include <list>
#include <map>
#include <memory>

#include "base/ip_address.h"
#include "base/random.h"
#include "gateway/poller/poll_access.h"
#include "protocol/usm/originator.h"

namespace trapline::gateway {

// One device as one user sees it. Keeps its access alive. Not synchronised.
struct V3Peer {
  V3Peer(std::shared_ptr<const PollAccess> by, protocol::usm::SaltCounters& salts);

  const std::shared_ptr<const PollAccess> access;
  protocol::usm::Originator originator;
};

// At most kMaxPeers, about 64 KiB each; the one unused for longest leaves first. Not synchronised.
class V3Peers {
 public:
  static constexpr std::size_t kMaxPeers = 1'024;

  explicit V3Peers(base::Random& random);

  // The peer, known or new. Stays valid for its holder when the table forgets it. `access` has v3.
  [[nodiscard]] std::shared_ptr<V3Peer> find(const base::Endpoint& address,
                                             const std::shared_ptr<const PollAccess>& access);
  // Unlearns it: its engine is asked for again. For a device that began its count again.
  void forget(const base::Endpoint& address, const PollAccess& access);
  [[nodiscard]] std::size_t size() const { return peers_.size(); }

 private:
  struct Key {
    base::Endpoint address;
    const PollAccess* access;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Place {
    std::shared_ptr<V3Peer> peer;
    std::list<Key>::iterator use;
  };

  protocol::usm::SaltCounters salts_;
  std::map<Key, Place> peers_;
  std::list<Key> uses_;  // the latest first
};

}  // namespace trapline::gateway
