// Programs that a test starts, watches and ends: always by their process id, always in bounded
// time.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/scratch_directory.h"

namespace trapline::test_support {

inline constexpr std::chrono::seconds kPatience{30};

// True as soon as `condition` is, asked every few milliseconds; false when it never was within
// `limit`.
[[nodiscard]] bool wait_until(const std::function<bool()>& condition,
                              std::chrono::milliseconds limit = kPatience);

// A program that was started. Its output goes to files of its own. Used by one thread.
class Process {
 public:
  // Starts `arguments`, the first being a path or a name to be found in PATH or /usr/sbin, without
  // input; `environment` ("NAME=value") is added to ours. A program that cannot be started exits
  // with 127.
  explicit Process(const std::vector<std::string>& arguments,
                   const std::vector<std::string>& environment = {});
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  // Ends it by SIGKILL when it still runs.
  ~Process();

  [[nodiscard]] pid_t pid() const { return pid_; }
  // True while it has not ended.
  [[nodiscard]] bool running();
  void signal(int number);
  // What it ended with, 128 and the signal's number when a signal ended it; nothing when it has not
  // ended within `limit`.
  [[nodiscard]] std::optional<int> wait(std::chrono::milliseconds limit = kPatience);

  // What it has written so far.
  [[nodiscard]] std::string out() const;
  [[nodiscard]] std::string err() const;

 private:
  ScratchDirectory files_;
  pid_t pid_ = -1;
  std::optional<int> ended_;
};

// A program that has ended. Plain value.
struct Finished {
  int exit_code = -1;
  std::string out;
  std::string err;
};

// Runs a program to its end; one that takes longer than `limit` is killed and gives exit code -1.
[[nodiscard]] Finished run_program(const std::vector<std::string>& arguments,
                                   const std::vector<std::string>& environment = {},
                                   std::chrono::milliseconds limit = kPatience);

// The whole file; empty when there is none.
[[nodiscard]] std::string read_file(const std::string& path);

// A UDP port that neither 127.0.0.1 nor ::1 has in use at this moment.
[[nodiscard]] std::uint16_t free_udp_port();

// The program under test, as TRAPLINE_BINARY names it. Ends the test program, saying what to do,
// when that is unset or no such program is there.
[[nodiscard]] std::string trapline_binary();

}  // namespace trapline::test_support
