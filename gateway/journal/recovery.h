// Recovery: from the files of a directory to the state in which the gateway goes on.
//
// Reads the headers and footers of sealed segments, unsealed segments whole, and what lies behind
// the newest usable CHECKPOINT. Damage is salvaged, copied to quarantine/ and counted; nothing is a
// reason not to start.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "gateway/journal/committer.h"
#include "gateway/journal/fs.h"
#include "gateway/journal/journal.h"
#include "gateway/journal/segment_table.h"

namespace trapline::gateway::journal {

// What recovery hands over.
struct Recovery {
  Recovered recovered;
  std::vector<SegmentInfo> segments;           // those that exist and are wanted, in order
  std::string node;                            // of the newest segment; empty when there is none
  std::map<SegmentNumber, std::string> nodes;  // where each run of segments of one node id begins
  CommitStart start;
};

// Recovers the directory, which exists and is locked by us. Seals unsealed segments, unlinks those
// that were given up. Fails only when the directory itself cannot be read.
[[nodiscard]] FsResult<Recovery> recover(const JournalOptions& options, Fs& fs,
                                         const base::Clock& clock, base::Log& log);

}  // namespace trapline::gateway::journal
