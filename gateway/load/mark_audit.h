// Reads a gateway's JSON lines and says what became of the notifications of `trapline bench`: which
// are missing, repeated or out of order, whether an event id stands twice, whether a line is torn.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "gateway/load/load_mark.h"

namespace trapline::gateway::load {

// What was found of one run. Plain value.
struct RunAudit {
  std::uint64_t expected = 0;      // as told, else one more than the highest sequence number found
  std::uint64_t found = 0;         // different sequence numbers
  std::uint64_t repeated = 0;      // lines whose sequence number was there before
  std::uint64_t out_of_order = 0;  // lines behind one with a higher number
  std::uint64_t out_of_order_source = 0;  // the same among the lines of one source port
  std::vector<bool> seen;                 // by sequence number
  std::uint64_t highest_end = 0;          // one more than the highest sequence number found

  [[nodiscard]] std::uint64_t missing() const { return expected - found; }
};

// Takes the lines of one or more files, in order. Memory grows with the number of lines: 1 bit for
// a mark, about 40 octets for an event id. Not synchronised.
class MarkAudit {
 public:
  // Takes one line, without its line feed.
  void take(std::string_view line);
  // Takes a file's lines; false, with the reason in `error`, when it cannot be read.
  [[nodiscard]] bool take_file(const std::string& path, std::string& error);

  // How many notifications of a run there were to find.
  void expect(std::uint32_t run, std::uint64_t notifications);
  // Of these sequence numbers of a run, how many no line has.
  [[nodiscard]] std::uint64_t count_missing(std::uint32_t run,
                                            const std::vector<std::uint32_t>& sequences) const;

  // By run, those that were found or expected.
  [[nodiscard]] const std::map<std::uint32_t, RunAudit>& runs() const { return runs_; }
  [[nodiscard]] std::uint64_t lines() const { return lines_; }
  // Lines that are not one whole JSON object each; the last one without a line feed is one of them.
  [[nodiscard]] std::uint64_t torn_lines() const { return torn_lines_; }
  [[nodiscard]] std::uint64_t unmarked_lines() const { return unmarked_lines_; }
  // Lines whose event id was there before.
  [[nodiscard]] std::uint64_t repeated_ids() const { return repeated_ids_; }

 private:
  void take_id(std::string_view id);
  void take_mark(const Mark& mark);

  std::map<std::uint32_t, RunAudit> runs_;
  std::unordered_map<std::uint64_t, std::uint32_t> highest_;                   // by run and source
  std::map<std::string, std::unordered_set<std::uint64_t>, std::less<>> ids_;  // LSNs by the rest
  std::uint64_t lines_ = 0;
  std::uint64_t torn_lines_ = 0;
  std::uint64_t unmarked_lines_ = 0;
  std::uint64_t repeated_ids_ = 0;
};

// True when `line` is one JSON object from its first octet to its last, as far as quotes, escapes
// and brackets tell.
[[nodiscard]] bool is_whole_object(std::string_view line);

}  // namespace trapline::gateway::load
