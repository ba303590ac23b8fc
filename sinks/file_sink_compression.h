// Compressing rolled files, off the path of delivery.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "sinks/file_rotation.h"
#include "sinks/files.h"

namespace trapline::sinks {

// Compresses PATH to PATH.zst (zstd), which appears whole and synced or not at all, and removes
// PATH. Any thread; looks at `stop` now and then and gives up with operation_canceled.
[[nodiscard]] FileResult<void> compress_file(Files& files, const std::string& path,
                                             const std::stop_token& stop);

// A thread that compresses rolled files and then removes those beyond `keep`. Holds one list of
// what to do, which the next call replaces: what is still to be done, or failed, is in that again.
// The destructor stops and joins it.
class FileSinkCompression {
 public:
  // `files` must outlive this.
  FileSinkCompression(Files& files, const std::string& active_path, std::uint32_t keep);
  FileSinkCompression(const FileSinkCompression&) = delete;
  FileSinkCompression& operator=(const FileSinkCompression&) = delete;
  ~FileSinkCompression();

  // Has the thread compress those of `paths` that are not. Any thread.
  void compress(std::vector<std::string> paths);
  // Waits until nothing is under way nor asked for. Any thread; for tests and orderly ends.
  void wait_until_idle();

 private:
  void run(const std::stop_token& stop);
  void pass(const std::vector<std::string>& paths, const std::stop_token& stop) const;

  Files& files_;
  const RolledFiles rolled_;
  const std::uint32_t keep_;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<std::string> wanted_;  // guarded by mutex_; bounded by what the directory holds
  bool busy_ = false;                // guarded by mutex_

  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace trapline::sinks
