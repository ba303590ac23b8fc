#include "gateway/responder.h"

namespace trapline::gateway {

base::MutableBytes ReplyArena::take(std::size_t size_bytes) {
  const std::size_t total = memory_.size_bytes();
  return circle_.with([&](Circle& circle) -> base::MutableBytes {
    std::uint64_t begin = circle.taken;
    // Never across the end: the tail is left unused this time round.
    if (begin % total + size_bytes > total) begin += total - begin % total;
    if (begin + size_bytes - circle.given_back > total) return {};
    circle.taken = begin + size_bytes;
    return memory_.bytes().subspan(begin % total, size_bytes);
  });
}

void ReplyArena::take_back(std::uint64_t mark) {
  circle_.with([&](Circle& circle) { circle.taken = mark; });
}

std::uint64_t ReplyArena::mark() const {
  return circle_.with([](const Circle& circle) { return circle.taken; });
}

void ReplyArena::give_back(std::uint64_t mark) {
  circle_.with([&](Circle& circle) { circle.given_back = mark; });
}

void BatchReceipt::add_reply(const Reply& reply, const journal::InformDigest& digest,
                             bool original) {
  owed_.push_back({reply, digest, original});
  arena_mark_ = arena_.mark();
}

void BatchReceipt::durable(journal::Lsn /*first*/) {
  const base::BootTime now = clock_.boot();
  std::vector<Reply> replies;
  replies.reserve(owed_.size());
  for (const Owed& owed : owed_) {
    if (owed.original) {
      duplicates_.mark_durable(owed.digest, now);
    } else if (!duplicates_.is_durable(owed.digest)) {
      // Another listener holds the original and has not handed it over yet: the sender will ask
      // again.
      continue;
    }
    replies.push_back(owed.reply);
  }
  const std::size_t sent = replies.empty() ? 0 : port_.send(replies);
  ledger_.committed(events_, sent, replies.size());
  if (!owed_.empty()) arena_.give_back(arena_mark_);
}

}  // namespace trapline::gateway
