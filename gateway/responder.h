// The responder: Responses to informs, sent when their events are durable and never before.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/guarded.h"
#include "base/undumped_buffer.h"
#include "gateway/datagram.h"
#include "gateway/inform_duplicates.h"
#include "gateway/journal/append_batch.h"
#include "gateway/ledger.h"

namespace trapline::gateway {

// Octets of Responses that wait for a commit, in a circle: taken by the listener, given back in the
// same order by the committer. Outside core dumps, because a Response repeats the community. Any
// thread.
class ReplyArena {
 public:
  explicit ReplyArena(std::size_t size_bytes) : memory_(size_bytes) {}

  // `size_bytes` of contiguous room, or an empty span when the circle is full.
  [[nodiscard]] base::MutableBytes take(std::size_t size_bytes);
  // Gives up what the same thread has taken since `mark`; no receipt may know of it.
  void take_back(std::uint64_t mark);
  // Where the circle has got to; everything taken up to a mark is given back at once.
  [[nodiscard]] std::uint64_t mark() const;
  void give_back(std::uint64_t mark);

 private:
  struct Circle {
    std::uint64_t taken = 0;  // both count octets from the start, never wrapping
    std::uint64_t given_back = 0;
  };

  base::UndumpedBuffer memory_;
  base::Guarded<Circle> circle_;
};

// What one batch of datagrams owes once it is durable: its events are accepted, its informs are
// answered. Filled by the listener's thread, run by the committer's.
class BatchReceipt final : public journal::DurableAction {
 public:
  BatchReceipt(DatagramPort& port, ReplyArena& arena, InformDuplicates& duplicates, Ledger& ledger,
               const base::Clock& clock)
      : port_(port), arena_(arena), duplicates_(duplicates), ledger_(ledger), clock_(clock) {}

  // One more event in this batch.
  void add_event() { ++events_; }
  // The reply to an inform: the original in this batch, or a resend of one that still waits for its
  // commit.
  void add_reply(const Reply& reply, const journal::InformDigest& digest, bool original);
  [[nodiscard]] bool empty() const { return events_ == 0 && owed_.empty(); }
  [[nodiscard]] std::uint64_t events() const { return events_; }
  [[nodiscard]] bool owes_replies() const { return !owed_.empty(); }

  void durable(journal::Lsn first) override;

 private:
  struct Owed {
    Reply reply;
    journal::InformDigest digest;
    bool original;
  };

  DatagramPort& port_;
  ReplyArena& arena_;
  InformDuplicates& duplicates_;
  Ledger& ledger_;
  const base::Clock& clock_;
  std::uint64_t events_ = 0;
  std::uint64_t arena_mark_ = 0;
  std::vector<Owed> owed_;
};

}  // namespace trapline::gateway
