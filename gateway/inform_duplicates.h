// The inform-duplicate table: a resent inform is answered again and stored once.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "gateway/journal/event_record.h"

namespace trapline::gateway {

// Remembers the digests of informs for a window, within a fixed number of entries. The table is cut
// into kParts by source address, so that one source can fill an eighth of it and no more; within a
// part the oldest makes room. Any thread may call any member.
class InformDuplicates {
 public:
  static constexpr std::size_t kParts = 8;

  enum class Seen : std::uint8_t {
    never,    // new: now remembered as pending
    pending,  // the original waits for its commit
    durable,  // the original is on stable storage: answer at once
    full,     // new, and there is no room for it: all that could go waits for its commit
  };

  InformDuplicates(std::chrono::seconds window, std::uint32_t max_entries);

  // Asks for `digest` and remembers it when it is new.
  [[nodiscard]] Seen look_up(const journal::InformDigest& digest, base::BootTime now);
  // The inform is durable now; its window begins.
  void mark_durable(const journal::InformDigest& digest, base::BootTime now);
  // True when the inform is known and durable.
  [[nodiscard]] bool is_durable(const journal::InformDigest& digest) const;
  // Remembers an inform that the journal already holds (after a start); oldest first.
  void restore(const journal::InformDigest& digest, base::BootTime received);
  // Entries now, in all parts.
  [[nodiscard]] std::size_t size() const;

 private:
  struct Entry {
    journal::InformDigest digest;
    base::BootTime seen_at{};  // or, once durable, when it became so
    bool durable = false;
  };

  // One share: entries in a circle in order of arrival, and an open-addressed index into it.
  class Part {
   public:
    void configure(std::uint32_t max_entries);
    [[nodiscard]] Entry* find(const journal::InformDigest& digest);
    [[nodiscard]] const Entry* find(const journal::InformDigest& digest) const;
    // False when every entry waits for its commit: those are never forgotten.
    bool insert(const Entry& entry);
    void expire(base::BootTime before);
    [[nodiscard]] std::size_t size() const { return size_; }

   private:
    void drop_oldest();
    void grow();
    void index(std::uint32_t at);
    void unindex(std::uint32_t at);
    [[nodiscard]] std::size_t home(const journal::InformDigest& digest) const {
      return digest.high & (slots_.size() - 1);
    }

    std::uint32_t max_entries_ = 0;
    std::vector<Entry> circle_;         // capacity grows by doubling up to max_entries_
    std::vector<std::uint32_t> slots_;  // index + 1 into circle_, 0 for none; a power of two
    std::size_t oldest_ = 0;
    std::size_t size_ = 0;
  };

  [[nodiscard]] base::Guarded<Part>& part_of(const journal::InformDigest& digest);

  const std::chrono::seconds window_;
  std::array<base::Guarded<Part>, kParts> parts_;
};

}  // namespace trapline::gateway
