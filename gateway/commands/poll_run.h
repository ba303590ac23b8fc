// Runs one task for each of many hosts, some at a time, and prints what each says in one piece.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "gateway/commands/poll_options.h"
#include "gateway/poller/poller.h"

namespace trapline::gateway {

// What one host has to say: lines for standard output and standard error, and how it ended. Of a
// single host lines appear at once, of several when the host has ended or has said a lot, with its
// name in front.
class HostReport {
 public:
  HostReport(const PollTarget& target, bool is_only, bool json);

  [[nodiscard]] const std::string& host() const { return host_; }
  // The host, when a line of JSON has to name it; empty when there is only one.
  [[nodiscard]] std::string_view label() const {
    return is_only_ ? std::string_view() : std::string_view(host_);
  }
  [[nodiscard]] bool json() const { return json_; }

  // One line of the result.
  void line(std::string_view text);
  // One line that names the host itself.
  void plain(std::string_view text);
  // Several lines that stay as they are; the host's name goes on a line of its own.
  void block(std::string_view text);
  // A value; an exception also makes the verb fail.
  void value(const PolledVarBind& varbind, bool numeric);
  // What went wrong, and with that the exit code.
  void failure(GetOutcome outcome, std::string_view what);
  void fail_with(int exit_code);

  [[nodiscard]] int exit_code() const { return exit_code_; }
  // Prints what is left.
  void finish();

 private:
  void error_line(std::string_view text);

  const std::string host_;
  const bool by_community_;
  const bool is_only_;
  const bool json_;
  std::string out_;
  std::string errors_;
  int exit_code_ = 0;
};

// Of two hosts' exit codes the one to end with: silence outweighs an error.
[[nodiscard]] int worse_exit_code(int a, int b);

// Begins one host's work; it calls `finished` once, when it is done.
using HostTask =
    std::function<void(Poller& poller, const PollTarget& target, std::shared_ptr<HostReport> report,
                       std::function<void()> finished)>;

// How much at a time. Plain value.
struct PollRunOptions {
  std::size_t concurrency = 32;  // hosts
  PollerLimits limits;
  bool json = false;
  // Called as hosts are done: how many of how many. May be empty.
  std::function<void(std::size_t, std::size_t)> progress;
};

// With as much in flight as hosts are asked at a time, and more where a host is asked several
// questions at once.
[[nodiscard]] PollRunOptions run_options(std::size_t concurrency, unsigned packets_per_sec,
                                         bool json);

// Runs `task` for every target on this thread, opening sockets of its own; returns the exit code of
// it all. Blocks until each has finished.
[[nodiscard]] int run_polling(const std::vector<PollTarget>& targets, const PollRunOptions& options,
                              const HostTask& task);

}  // namespace trapline::gateway
