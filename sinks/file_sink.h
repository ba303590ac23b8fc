// The file sink: events as lines in a file, delivered once they are synced.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "protocol/mib/mib_index.h"
#include "sinks/event_json_cache.h"
#include "sinks/file_rotation.h"
#include "sinks/file_sink_compression.h"
#include "sinks/files.h"
#include "sinks/sink.h"

namespace trapline::sinks {

enum class EventFormat : std::uint8_t { json, text, snmptrapd };

// As configured under `sinks` with type `file`.
struct FileSinkOptions {
  std::string path;  // "-" is standard output: no sync, no rotation, delivered when written
  EventFormat format = EventFormat::json;
  RotateOptions rotate;
  std::chrono::milliseconds fsync{1'000};  // how long a written line may wait for its sync; 0: none
};

// Appends each event to a file, as one line (three at most in snmptrapd's format). Lines are
// gathered and written once per tick; fdatasync follows within `fsync`, and only then is anything
// answered as delivered.
//
// What cannot be written or synced is answered with a retry. The file is then cut back to where its
// last successful sync left it, because after a failed one Linux may have dropped what was written;
// the events come again. Opening cuts off a torn last line and syncs the rest before it says which
// event came last (json and text only; snmptrapd's format has no ids, so a killed process may
// repeat up to `fsync` of events in it). A file that can't be synced then is of unknown standing:
// it is set aside (.unsynced) and never appended to, and events in it may come again.
//
// One thread, as sink.h says; compression has a thread of its own.
class FileSink final : public Sink {
 public:
  // Everything referred to must outlive the sink; `cache` may be null. Touches no file before
  // `open`.
  FileSink(FileSinkOptions options, Files& files, const base::Clock& clock,
           const protocol::mib::MibIndex& mibs, EventJsonCache* cache = nullptr);

  bool open(std::string& reason) override;
  [[nodiscard]] std::optional<std::string> last_id() override;
  void take(const rules::RoutedTrap& event, Sequence sequence, Answers& answers) override;
  void tick(base::BootTime now, Answers& answers) override;
  [[nodiscard]] base::BootTime next_tick() const override;
  void drain(base::BootTime deadline, Answers& answers) override;
  void reopen() override;

  // Waits for the compression of rolled files under way. Any thread; for tests.
  void wait_for_compression();

 private:
  // How much of a file survived its last failure: not a byte more is believed.
  struct Trust {
    FileIdentity identity;
    std::uint64_t synced_bytes = 0;
  };

  [[nodiscard]] bool to_standard_output() const { return options_.path == "-"; }
  [[nodiscard]] FileResult<void> open_file();
  [[nodiscard]] FileResult<void> open_and_settle();
  [[nodiscard]] FileResult<FileFacts> open_active();
  [[nodiscard]] FileResult<void> set_doubtful_aside();
  [[nodiscard]] FileResult<void> settle(const FileFacts& facts);
  [[nodiscard]] FileResult<void> cut_untrusted(FileFacts& facts);
  [[nodiscard]] FileResult<void> find_last_id(std::string_view last_line);
  [[nodiscard]] FileResult<std::string> last_line_rolled();
  void append_event(const rules::RoutedTrap& event);
  bool write_gathered(std::size_t octets, Answers& answers);
  bool sync(Answers& answers);
  bool roll(Answers& answers);
  bool roll_if_period_ended(Answers& answers);
  void reopen_now(Answers& answers);
  bool fail(std::string_view doing, const std::error_code& error, Answers& answers);

  const FileSinkOptions options_;
  Files& files_;
  const base::Clock& clock_;
  const protocol::mib::MibIndex& mibs_;
  EventJsonCache* const cache_;
  const RolledFiles rolled_;
  std::optional<FileSinkCompression> compression_;

  std::unique_ptr<File> file_;
  bool regular_ = true;
  FileIdentity identity_;
  std::uint64_t size_bytes_ = 0;
  std::uint64_t synced_bytes_ = 0;
  base::WallTime last_write_;
  bool opened_ = false;  // at least once
  std::optional<std::string> last_id_;
  std::optional<Trust> trust_;            // set from a failure until the file has been cut back
  std::optional<FileIdentity> doubtful_;  // a file that could not be synced when it was opened

  std::string gathered_;        // lines not yet written
  Sequence last_gathered_ = 0;  // the last event in `gathered_` or written
  Sequence last_written_ = 0;   // the last event written
  base::BootTime sync_due_ = base::BootTime::max();
  bool reopen_wanted_ = false;
  bool compression_wanted_ = false;
};

// The id in a line of a file in this format; nothing when it has none.
[[nodiscard]] std::optional<std::string> id_in_line(EventFormat format, std::string_view line);

}  // namespace trapline::sinks
