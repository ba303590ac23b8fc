#include "tests/support/sim_fs.h"

#include <algorithm>
#include <cstring>

namespace trapline::test_support {

using gateway::journal::File;
using gateway::journal::FsError;
using gateway::journal::FsResult;
using gateway::journal::FsSpace;
using gateway::journal::OpenMode;

namespace {

constexpr std::size_t kSectorBytes = 512;
constexpr double kTornSector = 1.0 / 16;

}  // namespace

// An open file; fails once the power was gone or its process died.
class SimFile final : public File {
 public:
  SimFile(SimFs& fs, std::shared_ptr<SimFs::Inode> inode, std::string lock = {})
      : fs_(fs), inode_(std::move(inode)), lock_(std::move(lock)), generation_(fs.generation_) {}
  SimFile(const SimFile&) = delete;
  SimFile& operator=(const SimFile&) = delete;
  ~SimFile() override {
    if (lock_.empty()) return;
    const std::lock_guard lock(fs_.mutex_);
    if (generation_ == fs_.generation_) fs_.locks_.erase(lock_);
  }

  FsResult<std::size_t> read_at(std::uint64_t offset, base::MutableBytes out) override {
    const std::lock_guard lock(fs_.mutex_);
    if (dead()) return FsError::io;
    return fs_.read(*inode_, offset, out);
  }
  FsResult<void> write_at(std::uint64_t offset, std::span<const base::Bytes> pieces) override {
    const std::lock_guard lock(fs_.mutex_);
    if (dead()) return FsError::io;
    return fs_.write(*inode_, offset, pieces);
  }
  FsResult<void> sync() override {
    const std::lock_guard lock(fs_.mutex_);
    if (dead()) return FsError::io;
    return fs_.sync(*inode_);
  }
  FsResult<void> truncate(std::uint64_t size) override {
    const std::lock_guard lock(fs_.mutex_);
    if (dead()) return FsError::io;
    return fs_.truncate(*inode_, size);
  }
  FsResult<std::uint64_t> size_bytes() override {
    const std::lock_guard lock(fs_.mutex_);
    if (dead()) return FsError::io;
    return std::uint64_t{inode_->seen.size()};
  }

 private:
  [[nodiscard]] bool dead() const { return !fs_.powered_ || generation_ != fs_.generation_; }

  SimFs& fs_;
  const std::shared_ptr<SimFs::Inode> inode_;
  const std::string lock_;
  const std::uint64_t generation_;
};

void SimFs::set_faults(const SimFaults& faults) {
  const std::lock_guard lock(mutex_);
  faults_ = faults;
}

void SimFs::set_capacity(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  capacity_ = bytes;
}

void SimFs::cut_power_after(std::uint64_t changes) {
  const std::lock_guard lock(mutex_);
  changes_left_ = changes;
}

bool SimFs::powered() const {
  const std::lock_guard lock(mutex_);
  return powered_;
}

void SimFs::power_cycle() {
  const std::lock_guard lock(mutex_);
  const std::size_t survive = random_() % (unsynced_names_.size() + 1);
  for (std::size_t i = 0; i < survive; ++i) unsynced_names_[i](disk_);
  unsynced_names_.clear();
  std::set<Inode*> inodes;
  for (const auto& [name, inode] : disk_) inodes.insert(inode.get());
  // In order of name, not of address: a seed repeats itself.
  for (const auto& [name, inode] : disk_) {
    if (inodes.erase(inode.get()) == 0) continue;
    constexpr double kShares[] = {0, 0.5, 0.9, 1};
    persist(*inode, kShares[random_() % 4]);
    inode->seen = inode->disk;
    inode->dirty.clear();
  }
  seen_ = disk_;
  locks_.clear();
  powered_ = true;
  changes_left_ = ~std::uint64_t{0};
  ++generation_;
}

void SimFs::process_died() {
  const std::lock_guard lock(mutex_);
  locks_.clear();
  powered_ = true;
  changes_left_ = ~std::uint64_t{0};
  ++generation_;
}

SimCounts SimFs::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

void SimFs::reset_counts() {
  const std::lock_guard lock(mutex_);
  counts_ = {};
}

std::vector<std::byte> SimFs::content(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto found = seen_.find(path);
  return found == seen_.end() ? std::vector<std::byte>{} : found->second->seen;
}

void SimFs::put(const std::string& path, std::vector<std::byte> content) {
  const std::lock_guard lock(mutex_);
  auto inode = std::make_shared<Inode>();
  inode->seen = content;
  inode->disk = std::move(content);
  seen_[path] = inode;
  disk_[path] = inode;
}

void SimFs::spoil(const std::string& path, std::uint64_t offset, std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  Inode& inode = *seen_.at(path);
  inode.spoilt_begin = offset;
  inode.spoilt_end = offset + size;
}

void SimFs::remove(const std::string& path) {
  const std::lock_guard lock(mutex_);
  seen_.erase(path);
  disk_.erase(path);
}

bool SimFs::chance(double probability) {
  return probability > 0 && std::uniform_real_distribution<double>()(random_) < probability;
}

// True when the power goes in the middle of this change.
bool SimFs::last_change() {
  if (changes_left_ != 0 && --changes_left_ != 0) return false;
  powered_ = false;
  return true;
}

std::uint64_t SimFs::used_bytes() const {
  std::uint64_t total = 0;
  for (const auto& [name, inode] : seen_) total += inode->seen.size();
  return total;
}

// Puts the sectors that were not synced on the disk, each with some probability.
void SimFs::persist(Inode& inode, double probability) {
  if (inode.disk.size() != inode.seen.size() && chance(probability)) {
    inode.disk.resize(inode.seen.size());
  }
  for (const std::size_t sector : inode.dirty) {
    const std::size_t begin = sector * kSectorBytes;
    const std::size_t end = std::min({begin + kSectorBytes, inode.disk.size(), inode.seen.size()});
    if (begin >= end || !chance(probability)) continue;
    const std::size_t size =
        probability < 1 && chance(kTornSector) ? random_() % (end - begin) : end - begin;
    std::memcpy(inode.disk.data() + begin, inode.seen.data() + begin, size);
  }
}

FsResult<std::size_t> SimFs::read(Inode& inode, std::uint64_t offset, base::MutableBytes out) {
  ++counts_.reads;
  if (offset >= inode.seen.size()) return std::size_t{0};
  const std::size_t size = std::min<std::size_t>(out.size(), inode.seen.size() - offset);
  if (offset < inode.spoilt_end && offset + size > inode.spoilt_begin) return FsError::io;
  if (chance(faults_.read)) return faults_.error;
  std::memcpy(out.data(), inode.seen.data() + offset, size);
  counts_.read_bytes += size;
  return size;
}

FsResult<void> SimFs::write(Inode& inode, std::uint64_t offset,
                            std::span<const base::Bytes> pieces) {
  ++counts_.writes;
  std::uint64_t total = 0;
  for (const base::Bytes piece : pieces) total += piece.size();
  const bool cut = last_change();
  const bool fails = chance(faults_.write);
  const std::uint64_t grows =
      offset + total > inode.seen.size() ? offset + total - inode.seen.size() : 0;
  const bool full = grows != 0 && used_bytes() + grows > capacity_;
  std::uint64_t left = cut || fails || full ? random_() % (total + 1) : total;
  if (full) left = std::min(left, total - std::min(total, grows));
  for (base::Bytes piece : pieces) {
    piece = piece.first(static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), left)));
    if (piece.empty()) continue;
    if (offset + piece.size() > inode.seen.size()) inode.seen.resize(offset + piece.size());
    std::memcpy(inode.seen.data() + offset, piece.data(), piece.size());
    for (std::uint64_t at = offset / kSectorBytes; at <= (offset + piece.size() - 1) / kSectorBytes;
         ++at) {
      inode.dirty.insert(static_cast<std::size_t>(at));
    }
    offset += piece.size();
    left -= piece.size();
  }
  if (cut) return FsError::io;
  if (full) return FsError::no_space;
  if (fails) return faults_.error;
  return {};
}

FsResult<void> SimFs::sync(Inode& inode) {
  ++counts_.syncs;
  if (last_change()) {
    persist(inode, 0.5);
    return FsError::io;
  }
  if (chance(faults_.sync)) {
    persist(inode, 0.5);
    inode.dirty.clear();  // clean in the system's eyes, and shown as written
    return faults_.error;
  }
  inode.disk.resize(inode.seen.size());
  persist(inode, 1);
  inode.dirty.clear();
  return {};
}

FsResult<void> SimFs::truncate(Inode& inode, std::uint64_t size) {
  if (last_change()) return FsError::io;
  if (chance(faults_.write)) return faults_.error;
  inode.seen.resize(size);
  return {};
}

FsResult<void> SimFs::change_names(std::function<void(Names&)> change) {
  const bool cut = last_change();
  if (!cut && chance(faults_.directory)) return faults_.error;
  change(seen_);
  unsynced_names_.push_back(std::move(change));
  if (cut) return FsError::io;
  return {};
}

FsResult<std::unique_ptr<File>> SimFs::open(const std::string& path, OpenMode mode) {
  const std::lock_guard lock(mutex_);
  if (!powered_) return FsError::io;
  ++counts_.opens;
  const auto found = seen_.find(path);
  if (mode != OpenMode::create_exclusive) {
    if (found == seen_.end()) return FsError::not_found;
    return std::unique_ptr<File>(std::make_unique<SimFile>(*this, found->second));
  }
  if (found != seen_.end()) return FsError::exists;
  auto inode = std::make_shared<Inode>();
  const auto made = change_names([path, inode](Names& names) { names[path] = inode; });
  if (!made) return made.error();
  return std::unique_ptr<File>(std::make_unique<SimFile>(*this, inode));
}

FsResult<void> SimFs::make_directory(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (!powered_) return FsError::io;
  directories_.insert(path);
  return {};
}

FsResult<std::vector<std::string>> SimFs::list(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (!powered_) return FsError::io;
  std::vector<std::string> names;
  for (const auto& [name, inode] : seen_) {
    const std::size_t slash = name.rfind('/');
    if (name.substr(0, slash) == path) names.push_back(name.substr(slash + 1));
  }
  return names;
}

FsResult<void> SimFs::rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  if (!powered_) return FsError::io;
  const auto found = seen_.find(from);
  if (found == seen_.end()) return FsError::not_found;
  return change_names([from, to, inode = found->second](Names& names) {
    names.erase(from);
    names[to] = inode;
  });
}

FsResult<void> SimFs::unlink(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (!powered_) return FsError::io;
  if (!seen_.contains(path)) return FsError::not_found;
  return change_names([path](Names& names) { names.erase(path); });
}

FsResult<void> SimFs::sync_directory(const std::string&) {
  const std::lock_guard lock(mutex_);
  if (!powered_ || last_change()) return FsError::io;
  if (chance(faults_.directory)) return faults_.error;
  for (const auto& change : unsynced_names_) change(disk_);
  unsynced_names_.clear();
  return {};
}

FsResult<FsSpace> SimFs::space(const std::string&) {
  const std::lock_guard lock(mutex_);
  if (!powered_) return FsError::io;
  const std::uint64_t used = used_bytes();
  return FsSpace{capacity_, capacity_ > used ? capacity_ - used : 0};
}

FsResult<std::unique_ptr<File>> SimFs::lock(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (!powered_) return FsError::io;
  if (!locks_.insert(path).second) return FsError::locked;
  return std::unique_ptr<File>(std::make_unique<SimFile>(*this, std::make_shared<Inode>(), path));
}

}  // namespace trapline::test_support
