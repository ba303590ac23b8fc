// A file system in memory that behaves as badly as a real one may.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "gateway/journal/fs.h"

namespace trapline::test_support {

// How often operations fail, 0 to 1.
struct SimFaults {
  double write = 0;      // any part of it may have been done
  double sync = 0;       // what was not synced is shown until the power goes, and never written
  double directory = 0;  // create, rename, unlink, sync_directory
  gateway::journal::FsError error = gateway::journal::FsError::io;
  double read = 0;
};

// What was done, for tests that count.
struct SimCounts {
  std::uint64_t opens = 0;
  std::uint64_t reads = 0;
  std::uint64_t read_bytes = 0;
  std::uint64_t writes = 0;
  std::uint64_t syncs = 0;
};

// Holds everything twice: as programs see it, and as it is on the disk. When the power goes, of
// what was not synced any sectors may have reached the disk, in any order, a sector's beginning
// alone among them; directory operations survive up to a point. The same seed does the same. Any
// thread (one lock for all of it).
class SimFs final : public gateway::journal::Fs {
 public:
  explicit SimFs(std::uint64_t seed) : random_(seed) {}

  // --- faults ---

  // Takes effect at once.
  void set_faults(const SimFaults& faults);
  // Octets that all files together may take; more is no_space.
  void set_capacity(std::uint64_t bytes);
  // The power goes in the middle of the nth change from now; from then on everything fails.
  void cut_power_after(std::uint64_t changes);
  [[nodiscard]] bool powered() const;
  // Power is back: what was not on the disk is gone, and so are open files and locks.
  void power_cycle();
  // Only the process died: everything is as programs saw it; open files and locks are gone.
  void process_died();

  // --- looking and tampering ---

  // What was done since the start or the last reset.
  [[nodiscard]] SimCounts counts() const;
  void reset_counts();
  // A file's octets as programs see them; empty when there is no such file.
  [[nodiscard]] std::vector<std::byte> content(const std::string& path) const;
  // Replaces a file's octets, or makes one; durable at once.
  void put(const std::string& path, std::vector<std::byte> content);
  // From now on the disk cannot read these octets of a file.
  void spoil(const std::string& path, std::uint64_t offset, std::uint64_t size);
  // Removes a file; durable at once.
  void remove(const std::string& path);

  // --- Fs ---

  [[nodiscard]] gateway::journal::FsResult<std::unique_ptr<gateway::journal::File>> open(
      const std::string& path, gateway::journal::OpenMode mode) override;
  [[nodiscard]] gateway::journal::FsResult<void> make_directory(const std::string& path) override;
  [[nodiscard]] gateway::journal::FsResult<std::vector<std::string>> list(
      const std::string& path) override;
  [[nodiscard]] gateway::journal::FsResult<void> rename(const std::string& from,
                                                        const std::string& to) override;
  [[nodiscard]] gateway::journal::FsResult<void> unlink(const std::string& path) override;
  [[nodiscard]] gateway::journal::FsResult<void> sync_directory(const std::string& path) override;
  [[nodiscard]] gateway::journal::FsResult<gateway::journal::FsSpace> space(
      const std::string& path) override;
  [[nodiscard]] gateway::journal::FsResult<std::unique_ptr<gateway::journal::File>> lock(
      const std::string& path) override;

 private:
  friend class SimFile;

  // A file's octets, as seen and as on the disk; sectors that differ for want of a sync.
  struct Inode {
    std::vector<std::byte> seen;
    std::vector<std::byte> disk;
    std::set<std::size_t> dirty;
    std::uint64_t spoilt_begin = 0;
    std::uint64_t spoilt_end = 0;
  };
  // Names of files, as seen or as on the disk.
  using Names = std::map<std::string, std::shared_ptr<Inode>>;

  // All below: the lock is held.
  [[nodiscard]] bool chance(double probability);
  [[nodiscard]] bool last_change();
  [[nodiscard]] std::uint64_t used_bytes() const;
  void persist(Inode& inode, double probability);
  gateway::journal::FsResult<void> change_names(std::function<void(Names&)> change);

  gateway::journal::FsResult<std::size_t> read(Inode& inode, std::uint64_t offset,
                                               base::MutableBytes out);
  gateway::journal::FsResult<void> write(Inode& inode, std::uint64_t offset,
                                         std::span<const base::Bytes> pieces);
  gateway::journal::FsResult<void> sync(Inode& inode);
  gateway::journal::FsResult<void> truncate(Inode& inode, std::uint64_t size);

  mutable std::mutex mutex_;
  std::mt19937_64 random_;
  SimFaults faults_;
  SimCounts counts_;
  std::uint64_t capacity_ = std::uint64_t{1} << 50;
  std::uint64_t changes_left_ = ~std::uint64_t{0};
  bool powered_ = true;
  std::uint64_t generation_ = 0;  // of open files
  std::set<std::string> directories_;
  std::set<std::string> locks_;
  Names seen_;
  Names disk_;
  std::vector<std::function<void(Names&)>> unsynced_names_;  // in order
};

}  // namespace trapline::test_support
