// The real program, `trapline run`, on a free port and a data directory of its own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/process.h"

namespace trapline::integration {

using test_support::Finished;
using test_support::Process;

// Runs as the embedded default on 127.0.0.1 and ::1, or with a configuration. Can be ended and
// started again on the same data. Used by one thread.
class RunningGateway {
 public:
  // Where it will run; nothing is started yet.
  explicit RunningGateway(const std::string& directory);

  // The file with its configuration; unset, it runs without one.
  std::string config_path;
  // The program; unset, the one under test.
  std::string program;
  // "NAME=value", added to its environment.
  std::vector<std::string> environment;

  // Starts it and waits until it is ready. False when it ended, or was not ready within `limit`.
  [[nodiscard]] bool start(std::chrono::milliseconds limit = test_support::kPatience);
  // Ends it by SIGTERM; what it exited with.
  [[nodiscard]] std::optional<int> stop();
  // Ends it by SIGKILL.
  void kill();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  // "127.0.0.1:PORT" and "[::1]:PORT".
  [[nodiscard]] std::string v4() const;
  [[nodiscard]] std::string v6() const;
  [[nodiscard]] std::string data_dir() const { return directory_ + "/data"; }
  [[nodiscard]] std::string events_path() const { return data_dir() + "/events.jsonl"; }
  [[nodiscard]] Process& process() { return *process_; }
  // What every process of it so far has written to standard error.
  [[nodiscard]] std::string log() const;

  // The document of `trapline status --json`; null when there is none.
  [[nodiscard]] nlohmann::json status() const;
  // The events written so far. A line that is no JSON is a null.
  [[nodiscard]] std::vector<nlohmann::json> events() const;
  // The events, once there are `count` of them (or patience has run out).
  [[nodiscard]] std::vector<nlohmann::json> wait_for_events(std::size_t count) const;
  // True once everything accepted has been decided and written, and the books balance.
  [[nodiscard]] bool wait_until_settled(
      std::chrono::milliseconds limit = test_support::kPatience) const;

 private:
  std::string directory_;
  std::uint16_t port_;
  std::unique_ptr<Process> process_;
  std::string earlier_log_;
};

// Runs `trapline VERB ...` to its end.
[[nodiscard]] Finished trapline(std::vector<std::string> arguments);

// True when all differences of a status document are there, and zero.
[[nodiscard]] bool balances(const nlohmann::json& status);

}  // namespace trapline::integration
