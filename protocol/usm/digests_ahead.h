// DigestsAhead: the digests of a batch of messages, computed side by side before the messages are
// judged one by one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/undumped_buffer.h"
#include "protocol/usm/auth.h"

namespace trapline::protocol::usm {

// Without SHA instructions a digest takes most of what a v3 message costs, but vector registers
// hash up to 16 messages in the time of three. Where this gains nothing (another processor, a build
// without the library, few messages), nothing is found here, and AuthKey does it all. Not
// synchronised; its memory is left out of core dumps.
class DigestsAhead {
 public:
  static constexpr std::size_t kMost = 64;

  DigestsAhead();
  ~DigestsAhead();
  DigestsAhead(const DigestsAhead&) = delete;
  DigestsAhead& operator=(const DigestsAhead&) = delete;

  // False when this processor or build has nothing to gain.
  [[nodiscard]] bool worthwhile() const { return lanes_ != nullptr; }
  // Notes a message that lies in `datagram`: `key`, that of the user's `password`, is to compute
  // what `digest`, which views part of `message`, should be. What does not fit is left out. All
  // must stay as it is until `compute`, and the datagram until `clear`.
  void add(base::Bytes datagram, int password, const AuthKey& key, base::Bytes message,
           base::Bytes digest);
  // Computes the digests of what was noted, unless it is too few.
  void compute();
  // The whole hash that was computed; empty when there is none. Asked for in the order of `add`.
  [[nodiscard]] base::Bytes find(base::Bytes datagram, int password);
  // Forgets all of it.
  void clear();

 private:
  struct Lanes;
  struct Entry {
    const std::byte* datagram;
    const AuthKey* key;
    std::uint32_t begins;  // of the message's copy
    std::uint32_t bytes;
    int password;
    bool computed;
  };

  void compute(AuthProtocol protocol);
  [[nodiscard]] base::MutableBytes hash_of(std::size_t entry) const;

  base::UndumpedBuffer memory_;  // of the library, then the copies, then the hashes
  Lanes* lanes_ = nullptr;       // in `memory_`
  std::array<Entry, kMost> entries_;
  std::size_t size_ = 0;
  std::size_t copied_bytes_ = 0;
  std::size_t next_ = 0;
};

}  // namespace trapline::protocol::usm
