// The journal: the append-only log that is the gateway's only truth.
//
// Reception, router and sink workers append batches; one committer writes and syncs them; readers
// follow. What `durable` has passed is on stable storage. Every file operation goes through `Fs`,
// every time through `Clock`, so that the whole of it runs in simulation, one `step` at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/result.h"
#include "gateway/journal/append_batch.h"
#include "gateway/journal/engine_record.h"
#include "gateway/journal/event_record.h"
#include "gateway/journal/fs.h"
#include "gateway/journal/reader.h"
#include "gateway/journal/standing.h"

namespace trapline::gateway::journal {

// A sink as the journal needs to know it.
struct SinkWish {
  std::string name;
  bool required = false;  // its unread events are never given up for space
  bool start_oldest =
      false;  // a sink without cursor starts at the oldest event instead of the present
};

// How a journal is to be kept. `open` clamps sizes to what the file system allows.
struct JournalOptions {
  std::string directory;  // <data_dir>/journal; made if missing, 0700
  std::string node;       // empty: that of the newest segment, else `default_node`
  std::string default_node;
  std::uint64_t segment_bytes = 64ULL << 20;
  std::uint64_t max_bytes = 20ULL << 30;
  std::chrono::seconds keep{86'400};
  std::chrono::milliseconds trap_commit{5};
  std::uint64_t ring_bytes = 64ULL << 20;
  std::uint64_t queue_bytes = 32ULL << 20;     // batches of reception waiting for the committer
  std::uint64_t reserved_bytes = 16ULL << 20;  // the same for router and sink workers
  std::size_t commit_bytes = 1U << 20;         // the most one group commit takes
  std::chrono::seconds duplicate_window{150};
  std::vector<SinkWish> sinks;
  EngineKeeper* engines = nullptr;  // outlives the journal; none: remote engines are not kept
};

// An inform that is durable already, for the duplicate table after a start.
struct RecoveredInform {
  InformDigest digest;
  base::WallTime received;
};

// What recovery found.
struct Recovered {
  Standing standing;  // sinks that are not wished for any more are dropped from it
  std::vector<RecoveredInform> informs;  // of the duplicate window
  std::uint64_t segments = 0;
  std::uint64_t scanned_bytes = 0;     // read before serving
  std::uint64_t truncated_bytes = 0;   // of a torn tail, never acknowledged
  std::uint64_t damaged_bytes = 0;     // copied to quarantine/
  std::uint64_t missing_segments = 0;  // a counted gap
};

enum class OpenError : std::uint8_t { locked, not_writable, no_space, bad_node };

// The journal's figures for `status`. A snapshot.
struct JournalStats {
  std::string node;
  Lsn durable;
  std::uint64_t segments = 0;
  std::uint64_t bytes = 0;         // of all segment files
  std::uint64_t pinned_bytes = 0;  // of those some sink or the router still needs
  std::uint64_t max_bytes = 0;
  std::uint64_t commits = 0;
  std::uint64_t committed_bytes = 0;
  std::uint64_t failed_syncs = 0;
  std::uint64_t ring_bytes = 0;
  std::uint64_t queued_bytes = 0;
  std::uint64_t queued_events = 0;  // EVENT records appended and not yet durable: in flight
  std::uint64_t damaged_records = 0;
  std::uint64_t file_reads = 0;  // reads that the ring could not serve
  bool writable = true;
  std::string trouble;  // why not, when not
};

// Who appends. Router and sink workers have room of their own, so that reception cannot lock them
// out.
enum class Lane : std::uint8_t { reception, reserved };

// Thread-safe where noted; see each member.
class Journal {
 public:
  // Opens the directory, locks it against a second gateway, recovers, starts a new segment, and is
  // ready to commit. `fs`, `clock`, `random` and `log` must outlive it. Failing, says why in
  // `message`, with what to do.
  [[nodiscard]] static base::Result<std::unique_ptr<Journal>, OpenError> open(
      const JournalOptions& options, Fs& fs, const base::Clock& clock, base::Random& random,
      base::Log& log, std::string& message);
  virtual ~Journal() = default;

  // What `open` found. Immutable.
  [[nodiscard]] virtual const Recovered& recovered() const = 0;

  // --- appending: any thread ---

  // An empty batch, from the pool if there is one.
  [[nodiscard]] virtual std::unique_ptr<AppendBatch> new_batch() = 0;
  // True when `bytes` more fit into the lane now, or do within the time until `deadline` while the
  // disk is well. While it is not, does not wait. After true, the caller's next `append` of at most
  // `bytes` is taken (one thread per caller; several callers may overshoot by one batch each).
  [[nodiscard]] virtual bool wait_for_room(Lane lane, std::size_t bytes,
                                           base::BootTime deadline) = 0;
  // Hands a batch over. Never blocks, never fails.
  virtual void append(Lane lane, std::unique_ptr<AppendBatch> batch) = 0;

  // --- committing: the committer's thread ---

  // Commits what is due at this moment, if anything: one write, one fdatasync, then the actions.
  // Returns when it wants to be called again at the latest. Simulations call this; the thread runs
  // `run_committer`.
  virtual base::BootTime commit_step() = 0;
  // Commits until `stop` is requested and the queue is empty (or the disk refuses for `drain`).
  virtual void run_committer(std::stop_token stop, std::chrono::milliseconds drain) = 0;

  // --- housekeeping: the housekeeper's thread ---

  // Prepares the next segment, deletes what nobody needs, watches the disk. Returns when to call
  // again.
  virtual base::BootTime housekeeping_step() = 0;
  virtual void run_housekeeper(std::stop_token stop) = 0;

  // --- reading: any thread, each with its own reader ---

  // A reader of the records in `mask`, positioned just behind `after`.
  [[nodiscard]] virtual std::unique_ptr<Reader> reader(RecordMask mask, Lsn after) = 0;
  [[nodiscard]] virtual Lsn durable() const = 0;
  // Ends every reader's `wait` now and from now on.
  virtual void interrupt_readers() = 0;

  // --- state: any thread ---

  // A copy of the standing as of the last commit.
  [[nodiscard]] virtual Standing standing() const = 0;
  [[nodiscard]] virtual JournalStats stats() const = 0;
  // False while the disk refuses, or is full.
  [[nodiscard]] virtual bool writable() const = 0;
  // The rule time that a record would be stamped with now, or one just before.
  [[nodiscard]] virtual RuleTime rule_time() const = 0;
  // So many EVENTs may wait for the answers of devices: each has to be named in a CHECKPOINT.
  [[nodiscard]] virtual std::size_t most_waiting() const { return kMostWaiting; }
  [[nodiscard]] virtual const std::string& node() const = 0;
  // The node id in the header of a segment: part of the ids of the events it holds, whatever the
  // configuration says by now.
  [[nodiscard]] virtual const std::string& node_of(SegmentNumber) const { return node(); }
};

}  // namespace trapline::gateway::journal
