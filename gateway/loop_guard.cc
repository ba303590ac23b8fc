#include "gateway/loop_guard.h"

#include <algorithm>
#include <optional>

#include "gateway/journal/digest.h"
#include "protocol/notification_content.h"
#include "protocol/translation.h"

namespace trapline::gateway {

LoopGuard::LoopGuard(const base::Clock& clock, std::uint64_t seed)
    : clock_(clock), seed_(seed), sets_(kEntries / kWays) {}

journal::InformDigest LoopGuard::digest_of(const protocol::TrapMessage& message,
                                           const std::optional<base::IpAddress>& origin) const {
  thread_local std::vector<std::byte> content;
  content.clear();
  protocol::append_content(message, origin, content);
  return journal::content_digest(content, seed_);
}

sinks::ForwardDigest LoopGuard::forwarding(const protocol::TrapMessage& message) {
  const auto digest = digest_of(message, protocol::told_origin(message));
  const sinks::ForwardDigest out{digest.low, digest.high};
  still_forwarding(out);
  return out;
}

void LoopGuard::still_forwarding(const sinks::ForwardDigest& digest) {
  const base::BootTime now = clock_.boot();
  const std::uint64_t tag = digest.high | 1U;
  const std::lock_guard lock(mutex_);
  Set& set = set_of({digest.low, digest.high});
  auto place = std::ranges::find(set, tag, &Entry::tag);
  if (place == set.end()) place = std::ranges::min_element(set, {}, &Entry::seen);
  *place = {tag, now};
}

bool LoopGuard::has_come_back(const protocol::TrapMessage& message) {
  const bool of_itself = message.claimed_agent && *message.claimed_agent == message.peer.ip;
  if (is_known(digest_of(message, message.claimed_agent), of_itself ? kRepeat : kWindow)) {
    return true;
  }
  // Forwarded without an origin, it may have been given one on its way.
  return message.claimed_agent && is_known(digest_of(message, std::nullopt), kWindow);
}

bool LoopGuard::is_known(const journal::InformDigest& digest, std::chrono::seconds for_how_long) {
  const base::BootTime now = clock_.boot();
  const std::lock_guard lock(mutex_);
  Set& set = set_of(digest);
  const auto found = std::ranges::find(set, digest.high | 1U, &Entry::tag);
  return found != set.end() && now - found->seen <= for_how_long;
}

}  // namespace trapline::gateway
