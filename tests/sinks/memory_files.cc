#include "tests/sinks/memory_files.h"

#include <algorithm>
#include <utility>

namespace trapline::sinks {

// An open file. Keeps its inode when the name goes away, as the kernel does.
class MemoryFile final : public File {
 public:
  MemoryFile(MemoryFiles& files, std::shared_ptr<MemoryFiles::Inode> inode, std::string path,
             bool regular)
      : files_(files), inode_(std::move(inode)), path_(std::move(path)), regular_(regular) {}

  [[nodiscard]] FileResult<void> append(std::string_view text) override {
    const std::lock_guard lock(files_.mutex_);
    std::optional<std::error_code> error = files_.strike(FileOperation::append, path_);
    std::size_t length = error ? text.size() / 2 : text.size();
    if (!error && length > files_.room_) {
      length = files_.room_;
      error = std::make_error_code(std::errc::no_space_on_device);
    }
    inode_->seen += text.substr(0, length);
    inode_->modified_at = files_.now_;
    files_.room_ -= length;
    if (error) return *error;
    return {};
  }

  [[nodiscard]] FileResult<std::size_t> read_at(std::uint64_t offset,
                                                std::span<char> out) override {
    const std::lock_guard lock(files_.mutex_);
    if (const auto error = files_.strike(FileOperation::read, path_)) return *error;
    if (offset >= inode_->seen.size()) return std::size_t{0};
    return inode_->seen.copy(out.data(), out.size(), offset);
  }

  // After a failure what was dirty counts as clean, as Linux has it.
  [[nodiscard]] FileResult<void> sync() override {
    const std::lock_guard lock(files_.mutex_);
    const auto error = files_.strike(FileOperation::sync, path_);
    const std::size_t dirty_from = std::exchange(inode_->dirty_from, inode_->seen.size());
    if (error) return *error;
    inode_->durable.resize(inode_->seen.size(), '\0');
    inode_->durable.replace(dirty_from, std::string::npos, inode_->seen, dirty_from);
    return {};
  }

  [[nodiscard]] FileResult<void> truncate(std::uint64_t size_bytes) override {
    const std::lock_guard lock(files_.mutex_);
    if (const auto error = files_.strike(FileOperation::truncate, path_)) return *error;
    if (size_bytes < inode_->seen.size()) files_.room_ += inode_->seen.size() - size_bytes;
    inode_->seen.resize(size_bytes, '\0');
    inode_->durable.resize(std::min(inode_->durable.size(), inode_->seen.size()));
    inode_->dirty_from = std::min(inode_->dirty_from, inode_->seen.size());
    return {};
  }

  [[nodiscard]] FileResult<FileFacts> facts() override {
    const std::lock_guard lock(files_.mutex_);
    if (const auto error = files_.strike(FileOperation::facts, path_)) return *error;
    FileFacts facts;
    facts.regular = regular_;
    facts.size_bytes = regular_ ? inode_->seen.size() : 0;
    facts.modified_at = inode_->modified_at;
    facts.identity = {1, inode_->number};
    return facts;
  }

 private:
  MemoryFiles& files_;
  const std::shared_ptr<MemoryFiles::Inode> inode_;
  const std::string path_;
  const bool regular_;
};

std::optional<std::error_code> MemoryFiles::strike(FileOperation operation,
                                                   const std::string& path) {
  ++counts_[operation];
  if (fail_next_ && fail_next_->first == operation) {
    return std::make_error_code(std::exchange(fail_next_, std::nullopt)->second);
  }
  if (!fault_) return std::nullopt;
  const auto error = fault_(operation, path);
  if (!error) return std::nullopt;
  return std::make_error_code(*error);
}

std::shared_ptr<MemoryFiles::Inode> MemoryFiles::make_inode() {
  auto inode = std::make_shared<Inode>();
  inode->number = ++inodes_;
  inode->modified_at = now_;
  return inode;
}

FileResult<std::unique_ptr<File>> MemoryFiles::open(const std::string& path, FileMode mode) {
  const std::lock_guard lock(mutex_);
  if (const auto error = strike(FileOperation::open, path)) return *error;
  const auto place = files_.find(path);
  const bool there = place != files_.end();
  if (mode == FileMode::create_new && there) return std::make_error_code(std::errc::file_exists);
  if (mode == FileMode::read && !there) {
    return std::make_error_code(std::errc::no_such_file_or_directory);
  }
  auto inode = there ? place->second : (files_[path] = make_inode());
  return std::unique_ptr<File>(std::make_unique<MemoryFile>(*this, inode, path, true));
}

std::unique_ptr<File> MemoryFiles::standard_output() {
  return std::make_unique<MemoryFile>(*this, output_, "-", false);
}

FileResult<std::vector<std::string>> MemoryFiles::list(const std::string& directory) {
  const std::lock_guard lock(mutex_);
  if (const auto error = strike(FileOperation::list, directory)) return *error;
  std::vector<std::string> names;
  for (const auto& [path, inode] : files_) {
    if (directory_of(path) == directory) names.push_back(name_in_directory(path));
  }
  return names;
}

FileResult<void> MemoryFiles::rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  if (const auto error = strike(FileOperation::rename, from)) return *error;
  const auto node = files_.extract(from);
  if (!node) return std::make_error_code(std::errc::no_such_file_or_directory);
  files_[to] = node.mapped();
  return {};
}

FileResult<void> MemoryFiles::remove(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (const auto error = strike(FileOperation::remove, path)) return *error;
  if (files_.erase(path) == 0) {
    return std::make_error_code(std::errc::no_such_file_or_directory);
  }
  return {};
}

void MemoryFiles::set_fault(Fault fault) {
  const std::lock_guard lock(mutex_);
  fault_ = std::move(fault);
}

void MemoryFiles::fail_next(FileOperation operation, std::errc error) {
  const std::lock_guard lock(mutex_);
  fail_next_.emplace(operation, error);
}

void MemoryFiles::set_room(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  room_ = bytes;
}

void MemoryFiles::set_now(base::WallTime now) {
  const std::lock_guard lock(mutex_);
  now_ = now;
}

void MemoryFiles::lose_power() {
  const std::lock_guard lock(mutex_);
  for (auto& [path, inode] : files_) {
    auto left = make_inode();
    left->seen = inode->durable;
    left->durable = inode->durable;
    left->dirty_from = left->seen.size();
    inode = left;
  }
}

std::vector<std::string> MemoryFiles::names() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [path, inode] : files_) names.push_back(path);
  return names;
}

bool MemoryFiles::exists(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  return files_.contains(path);
}

std::string MemoryFiles::content(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto place = files_.find(path);
  return place == files_.end() ? "" : place->second->seen;
}

std::string MemoryFiles::on_disk(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto place = files_.find(path);
  return place == files_.end() ? "" : place->second->durable;
}

void MemoryFiles::put(const std::string& path, std::string_view content) {
  const std::lock_guard lock(mutex_);
  auto inode = make_inode();
  inode->seen = content;
  inode->durable = content;
  inode->dirty_from = content.size();
  files_[path] = inode;
}

std::string MemoryFiles::output() const {
  const std::lock_guard lock(mutex_);
  return output_->seen;
}

int MemoryFiles::count(FileOperation operation) const {
  const std::lock_guard lock(mutex_);
  const auto place = counts_.find(operation);
  return place == counts_.end() ? 0 : place->second;
}

}  // namespace trapline::sinks
