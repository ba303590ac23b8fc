// Corruption stays local: one flipped bit costs at most one record and never shows as another
// payload.
#include <algorithm>
#include <map>
#include <random>

#include "gateway/journal/frame_scan.h"
#include "gateway/journal/record_walk.h"
#include "gateway/journal/record_wire.h"
#include "gateway/journal/segment_recovery.h"
#include "tests/gateway/journal/sim_journal.h"

namespace trapline::gateway::journal {
namespace {

constexpr std::size_t kPieceBytes = 16 << 10;
constexpr Lsn kNoLimit{~std::uint64_t{0}};

// A file that is somebody's vector, up to a size.
class ImageFile final : public File {
 public:
  explicit ImageFile(const std::vector<std::byte>& image) : image_(image), size_(image.size()) {}

  void cut_at(std::size_t size) { size_ = size; }
  FsResult<std::size_t> read_at(std::uint64_t offset, base::MutableBytes out) override {
    if (offset >= size_) return std::size_t{0};
    const std::size_t size = std::min<std::size_t>(out.size(), size_ - offset);
    std::copy_n(image_.data() + offset, size, out.data());
    return size;
  }
  FsResult<void> write_at(std::uint64_t, std::span<const base::Bytes>) override { return {}; }
  FsResult<void> sync() override { return {}; }
  FsResult<void> truncate(std::uint64_t) override { return {}; }
  FsResult<std::uint64_t> size_bytes() override { return std::uint64_t{size_}; }

 private:
  const std::vector<std::byte>& image_;
  std::size_t size_;
};

// A sealed segment of 256 KiB with several records to a frame, and what is in it.
class CorruptionTest : public SimJournalTest {
 protected:
  void SetUp() override {
    options_.segment_bytes = 256 << 10;
    open();
    std::mt19937_64 dice(7);
    while (fs_.content(path_of(2)).empty()) {
      auto batch = journal_->new_batch();
      for (std::size_t left = 1 + dice() % 8; left != 0; --left) {
        const std::size_t size = dice() % 4 == 0 ? dice() % 90 : 90 + dice() % 800;
        const auto payload = batch->add(RecordType::event, size, clock_.wall());
        std::generate(payload.begin(), payload.end(),
                      [&dice] { return static_cast<std::byte>(dice()); });
      }
      batch->urgent = true;
      journal_->append(Lane::reception, std::move(batch));
      journal_->commit_step();
    }
    journal_->housekeeping_step();
    image_ = fs_.content(path_of(1));
    ImageFile file(image_);
    const auto found = identify_segment(file, SegmentNumber{1});
    ASSERT_TRUE(found && found->footer);
    found_ = *found;
    ASSERT_GT(image_.size(), 240U << 10);
    find_frames();
  }

  void find_frames() {
    ImageFile file(image_);
    FileWindow window(kPieceBytes);
    window.attach(file, data_end());
    for (std::uint64_t at = kDataOffset; at < data_end();) {
      const auto frame = read_frame(window, bounds(), at);
      ASSERT_TRUE(frame);
      frames_.push_back(*frame);
      at = frame->range.end;
    }
    RecordWalk walk(window, bounds());
    RecordView record;
    while (walk.next(true, record) == RecordWalk::Step::record) {
      payloads_[record.ref.lsn.value].assign(record.payload.begin(), record.payload.end());
    }
    ASSERT_EQ(payloads_.size(), found_.footer->totals.records);
  }

  [[nodiscard]] std::uint64_t data_end() const { return found_.footer->offset; }
  [[nodiscard]] WalkBounds bounds() const {
    return {SegmentNumber{1}, found_.header.epoch, Lsn{1}, found_.footer->totals.last.next(),
            data_end()};
  }

  // Reads what a walk gives from where it stands. Returns how many records are missing up to `end`,
  // or a thousand when a payload is not what was written.
  std::uint64_t missing(RecordWalk& walk, Lsn end) {
    RecordView record;
    std::uint64_t lost = 0;
    Lsn expected = walk.expected();
    while (walk.next(true, record) == RecordWalk::Step::record) {
      const auto& payload = payloads_.at(record.ref.lsn.value);
      if (!base::equal(payload, record.payload) || record.ref.lsn < expected) return 1'000;
      lost += record.ref.lsn.value - expected.value;
      expected = record.ref.lsn.next();
    }
    return lost + (expected < end ? end.value - expected.value : 0);
  }

  void flip(std::size_t bit) { image_[bit / 8] ^= static_cast<std::byte>(1U << bit % 8); }

  std::vector<std::byte> image_;
  FoundSegment found_;
  std::vector<WholeFrame> frames_;
  std::map<std::uint64_t, std::vector<std::byte>> payloads_;
};

// Only the frame that is hit, and the one behind it, are read again; the next test shows that
// reading everything finds the same.
TEST_F(CorruptionTest, EveryBitOfEveryFrameFlippedCostsAtMostOneRecord) {
  ImageFile file(image_);
  FileWindow window(kPieceBytes);
  for (std::size_t i = 0; i < frames_.size(); ++i) {
    const WholeFrame& behind = frames_[std::min(i + 1, frames_.size() - 1)];
    WalkBounds near = bounds();
    near.end = behind.range.end;
    for (std::uint64_t bit = frames_[i].range.begin * 8; bit < frames_[i].range.end * 8; ++bit) {
      flip(bit);
      window.attach(file, near.end);
      RecordWalk walk(window, near);
      walk.go_to(frames_[i].range.begin, frames_[i].first);
      const std::uint64_t lost = missing(walk, behind.last.next());
      flip(bit);
      ASSERT_LE(lost, 1U) << "bit " << bit;
    }
  }
}

TEST_F(CorruptionTest, ReadingTheWholeSegmentFindsTheSameForAnyBit) {
  std::mt19937_64 dice(11);
  ImageFile file(image_);
  FileWindow window(1 << 20);
  for (int sample = 0; sample < 3'000; ++sample) {
    const std::uint64_t bit = kDataOffset * 8 + dice() % ((data_end() - kDataOffset) * 8);
    flip(bit);
    window.attach(file, data_end());
    RecordWalk walk(window, bounds());
    const std::uint64_t lost = missing(walk, bounds().limit);
    flip(bit);
    ASSERT_LE(lost, 1U) << "bit " << bit;
  }
}

TEST_F(CorruptionTest, EveryBitOfTheHeadersFlippedCostsNothing) {
  ImageFile file(image_);
  for (std::uint64_t bit = 0; bit < kDataOffset * 8; ++bit) {
    flip(bit);
    const auto found = identify_segment(file, SegmentNumber{1});
    flip(bit);
    ASSERT_TRUE(found && found->footer) << "bit " << bit;
    ASSERT_EQ(found->header.epoch, found_.header.epoch);
    ASSERT_EQ(found->header.first, found_.header.first);
    ASSERT_EQ(found->header.node, found_.header.node);
  }
}

// A damaged footer leaves a segment that looks unsealed; every record is found by reading it.
TEST_F(CorruptionTest, EveryBitOfTheFooterFlippedCostsNothing) {
  ImageFile file(image_);
  const std::uint64_t informs_at = data_end() + kFooterBytes;
  const std::uint64_t trailer_at = image_.size() - kTrailerBytes;
  std::uint64_t scans = 0;
  for (std::uint64_t bit = data_end() * 8; bit < image_.size() * 8; ++bit) {
    const bool in_informs = bit >= informs_at * 8 && bit < trailer_at * 8;
    flip(bit);
    const auto found = identify_segment(file, SegmentNumber{1});
    ASSERT_TRUE(found) << "bit " << bit;
    ASSERT_EQ(found->footer.has_value(), in_informs) << "bit " << bit;
    std::uint64_t records = found_.footer->totals.records;
    if (in_informs) {
      std::vector<RecoveredInform> informs;
      ASSERT_FALSE(
          decode_informs(*found->footer, base::Bytes(image_).subspan(informs_at), informs));
    } else {
      records = scan_segment(file, *found, kNoLimit, false).info.totals.records;
      ++scans;
    }
    flip(bit);
    ASSERT_EQ(records, found_.footer->totals.records) << "bit " << bit;
  }
  EXPECT_EQ(scans, (kFooterBytes + kTrailerBytes) * 8);
}

// The same by the way the gateway takes, with a sealed and with an unsealed segment.
TEST_F(CorruptionTest, AJournalOpensWithAnyBitFlippedAndReadersReportWhatIsMissing) {
  std::mt19937_64 dice(13);
  journal_.reset();
  const std::vector<std::byte> second = fs_.content(path_of(2));
  for (int sample = 0; sample < 200; ++sample) {
    std::vector<std::byte> tampered = image_;
    const std::uint64_t bit = dice() % (data_end() * 8);
    tampered[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    if (sample % 2 == 0) tampered.resize(data_end());
    fs_.put(path_of(1), tampered);
    fs_.put(path_of(2), second);
    fs_.remove(path_of(3));
    open();
    const auto reader = journal_->reader(kAllRecords, Lsn{});
    std::uint64_t lost = 0;
    while (true) {
      const auto records = reader->next(1 << 16);
      if (reader->gap()) lost += reader->gap()->last.value - reader->gap()->first.value + 1;
      if (records.empty() && !reader->gap()) break;
      for (const RecordView& record : records) {
        const auto payload = payloads_.find(record.ref.lsn.value);
        if (payload == payloads_.end()) continue;  // of the second segment
        ASSERT_TRUE(base::equal(payload->second, record.payload)) << "bit " << bit;
      }
    }
    ASSERT_LE(lost, 1U) << "bit " << bit;
    ASSERT_EQ(reader->position(), journal_->durable());
  }
}

TEST_F(CorruptionTest, TruncatedAtEveryByteKeepsEveryFrameBeforeTheCut) {
  ImageFile file(image_);
  FileWindow window(kPieceBytes);
  for (const WholeFrame& frame : frames_) {
    for (std::uint64_t cut = frame.range.begin; cut < frame.range.end; ++cut) {
      file.cut_at(cut);
      window.attach(file, cut);
      WalkBounds cut_bounds = bounds();
      cut_bounds.end = cut;
      cut_bounds.first = frame.first;
      const FrameScan scan = scan_frames(window, cut_bounds, frame.range.begin);
      ASSERT_EQ(scan.data_end, frame.range.begin) << "cut at " << cut;
      ASSERT_TRUE(scan.damaged.empty());
    }
  }
}

TEST_F(CorruptionTest, TruncatedAnywhereItIsReadUpToTheCut) {
  ImageFile file(image_);
  std::mt19937_64 dice(17);
  for (int sample = 0; sample < 2'000; ++sample) {
    const std::uint64_t cut = dice() % image_.size();
    file.cut_at(cut);
    const auto found = identify_segment(file, SegmentNumber{1});
    if (cut < kHeaderBytes) {
      ASSERT_FALSE(found);
      continue;
    }
    ASSERT_TRUE(found);
    ASSERT_FALSE(found->footer);
    const ScannedSegment scanned = scan_segment(file, *found, kNoLimit, false);
    const auto behind =
        std::partition_point(frames_.begin(), frames_.end(),
                             [cut](const WholeFrame& frame) { return frame.range.end <= cut; });
    const Lsn last = behind == frames_.begin() ? Lsn{} : std::prev(behind)->last;
    ASSERT_EQ(scanned.info.totals.last, last) << "cut at " << cut;
  }
}

TEST_F(CorruptionTest, BothHeadersGoneASealedSegmentIsStillReadByItsFooter) {
  std::fill_n(image_.begin(), kDataOffset, std::byte{0});
  ImageFile file(image_);
  const auto found = identify_segment(file, SegmentNumber{1});
  ASSERT_TRUE(found && found->footer);
  EXPECT_EQ(found->header.epoch, found_.header.epoch);
}

}  // namespace
}  // namespace trapline::gateway::journal
