// The journal's Reader: from the ring while it keeps up, from the files when it has fallen behind.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "gateway/journal/core.h"
#include "gateway/journal/file_window.h"
#include "gateway/journal/reader.h"
#include "gateway/journal/record_walk.h"

namespace trapline::gateway::journal {

// For how long failing reads are taken for a passing trouble of the disk: several attempts over a
// second. One thread.
class ReadPatience {
 public:
  // A read failed. True when reads have done nothing else for long enough.
  [[nodiscard]] bool spent(base::BootTime now);
  // A read went well, or another file is read.
  void renew() { attempts_ = 0; }

 private:
  int attempts_ = 0;  // that failed, one after the other
  base::BootTime since_{};
};

// Reads single records by reference. One thread. From files it reads ahead, so that rising
// references cost a read per piece, not per record.
class RecordFetcher {
 public:
  explicit RecordFetcher(Core& core);
  // See Reader::fetch.
  [[nodiscard]] std::optional<RecordView> fetch(const RecordRef& ref);
  // See Reader::fetch_refused.
  [[nodiscard]] bool refused() const { return refused_; }

 private:
  [[nodiscard]] std::optional<RecordView> fetch_from_file(const RecordRef& ref);
  [[nodiscard]] std::optional<RecordView> read_record(const RecordRef& ref);

  Core& core_;
  PinnedCommit pinned_;
  std::unique_ptr<File> file_;
  SegmentInfo segment_;
  bool refused_ = false;
  FileWindow window_;
  ReadPatience patience_;
  base::LogSite unreadable_site_;
};

// See reader.h. Memory: one megabyte once it has read a file, a quarter of it once it has fetched
// from one.
class LogReader final : public Reader {
 public:
  LogReader(Core& core, RecordMask mask, Lsn after);

  [[nodiscard]] std::span<const RecordView> next(std::size_t max_bytes) override;
  [[nodiscard]] const std::optional<Gap>& gap() const override { return gap_; }
  [[nodiscard]] Lsn position() const override { return position_; }
  void seek(Lsn after) override { position_ = after; }
  void wait(base::BootTime deadline) override;
  void interrupt() override { core_.hub.interrupt(seat_); }
  [[nodiscard]] std::optional<RecordView> fetch(const RecordRef& ref) override {
    return fetcher_.fetch(ref);
  }
  [[nodiscard]] bool fetch_refused() const override { return fetcher_.refused(); }

 private:
  // A place in the open segment, for going back without reading from its start.
  struct Mark {
    Lsn lsn;
    std::uint64_t offset = 0;
  };

  [[nodiscard]] bool wanted(RecordType type) const { return (seat_.mask & mask_of(type)) != 0; }
  void read_ring(Lsn durable, std::size_t max_bytes);
  void read_file(Lsn durable, std::size_t max_bytes);
  [[nodiscard]] bool enter(const SegmentInfo& info, Lsn durable);
  [[nodiscard]] RecordWalk::Step walk_on(bool may_load, RecordView& record);
  [[nodiscard]] std::optional<Standing> standing_at_start(const SegmentInfo& info);
  void place_walk(Lsn next);
  void take_records(std::size_t max_bytes);
  void lose(Lsn first, Lsn last);
  void lose_rest_of_segment(const SegmentInfo& info, Lsn durable);

  Core& core_;
  ReaderSeat seat_;
  Lsn position_;
  std::vector<RecordView> batch_;
  std::size_t batch_bytes_ = 0;
  std::optional<Gap> gap_;
  PinnedCommit pinned_;

  std::unique_ptr<File> file_;  // of the open segment
  SegmentNumber open_segment_;  // 0 when none is
  bool refused_ = false;        // what ought to be there could not be opened, or read
  FileWindow window_;
  ReadPatience patience_;
  base::LogSite unreadable_site_;
  RecordWalk walk_;
  std::vector<Mark> marks_;

  RecordFetcher fetcher_;
};

}  // namespace trapline::gateway::journal
