#include "gateway/access.h"

#include <algorithm>

namespace trapline::gateway {
namespace {

bool covers(const std::vector<base::IpPrefix>& prefixes, const base::IpAddress& address) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const base::IpPrefix& prefix) { return prefix.contains(address); });
}

}  // namespace

base::Result<std::string_view, RefusalReason> Access::check(base::Bytes community,
                                                            const base::IpAddress& peer) const {
  const CommunityConfig* granted = nullptr;
  bool known = false;
  for (const CommunityConfig& candidate : config_.communities) {
    if (!candidate.community.equals(community)) continue;
    known = true;
    if (granted == nullptr && (candidate.from.empty() || covers(candidate.from, peer))) {
      granted = &candidate;
    }
  }
  if (granted != nullptr) return std::string_view(granted->name);
  return known ? RefusalReason::community_source : RefusalReason::unknown_community;
}

void Access::attribute(protocol::TrapMessage& message) const {
  const bool relayed =
      message.claimed_agent.has_value() && covers(config_.sources.trusted_relays, message.peer.ip);
  message.agent = relayed ? *message.claimed_agent : message.peer.ip;
  message.agent_via = relayed ? message.claimed_via : protocol::AgentVia::peer;
}

}  // namespace trapline::gateway
