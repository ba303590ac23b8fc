// What a journal must remember, kept by somebody who does not use it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/journal/journal.h"

namespace trapline::simulation {

// One simulated notification, all of it derived from its id, so that any octet can be checked at
// any time.
[[nodiscard]] std::vector<std::byte> event_payload(std::uint64_t id, std::size_t size);
// The id of a payload made by event_payload; 0 when it is none, or altered.
[[nodiscard]] std::uint64_t checked_event_id(base::Bytes payload);

// Remembers what was promised and what was seen, and judges a journal by it. One thread.
class JournalOracle {
 public:
  // An acknowledgement went out for the event.
  void acknowledged(std::uint64_t id, gateway::journal::Lsn lsn);
  // A cursor record with this payload says this.
  void wrote_cursor(base::Bytes payload, std::string sink, gateway::journal::SinkStanding standing);
  // A reader was shown a record. What was shown once must never change.
  void saw(const gateway::journal::RecordView& record);

  // Reads the whole journal, just opened at `now`, and compares. With `pruned`, records may be gone
  // from the front, but none that router or sinks still need. Returns what is wrong, or nothing.
  [[nodiscard]] std::string judge(gateway::journal::Journal& journal, bool pruned,
                                  base::WallTime now);

 private:
  // Standing as it ought to be, computed without the journal's own code.
  struct Books {
    std::uint64_t events = 0;
    std::uint64_t decided = 0;
    gateway::journal::Lsn router;
    std::map<std::string, gateway::journal::SinkStanding> sinks;
  };
  // A record as it was shown.
  struct Seen {
    std::uint32_t epoch = 0;
    std::uint64_t hash = 0;
  };

  void account(const gateway::journal::RecordView& record, Books& books);
  [[nodiscard]] std::string compare(const Books& books, const gateway::journal::Standing& standing);
  [[nodiscard]] std::string check_informs(const gateway::journal::Recovered& recovered) const;
  [[nodiscard]] std::string check_record(const gateway::journal::RecordView& record);

  std::unordered_map<std::uint64_t, std::uint64_t> acknowledged_;  // event id -> LSN
  std::map<std::uint64_t, Seen> seen_;                             // by LSN
  std::unordered_map<std::string, std::pair<std::string, gateway::journal::SinkStanding>> cursors_;
  std::unordered_map<std::uint64_t, std::uint64_t> found_;  // event id -> LSN, of one reading
  std::vector<gateway::journal::InformDigest> recent_;  // of informs read, young enough to matter
  std::string trouble_;                                 // found between two judgements
};

}  // namespace trapline::simulation
