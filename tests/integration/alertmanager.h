// A real Alertmanager, Debian's, on a free loopback port.
#pragma once

#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "tests/support/process.h"
#include "tests/support/scratch_directory.h"

namespace trapline::integration {

// Can be killed and started again: on the same port, knowing nothing. Used by one thread.
class Alertmanager {
 public:
  // Starts it and waits until it listens. False when it does not.
  [[nodiscard]] bool start(const std::string& resolve_timeout);
  // Likewise; each alert that fires or is resolved is told at once to `webhook`, an HTTPS URL whose
  // authority is in the file `ca`.
  [[nodiscard]] bool start_telling(const std::string& webhook, const std::string& ca);
  // Ends it by SIGKILL.
  void kill();

  // "http://127.0.0.1:PORT"; known once it was started.
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + port_; }
  // What fires there, asked by amtool; null when it does not answer.
  [[nodiscard]] nlohmann::json alerts() const;
  // What it has written to its log since it was started.
  [[nodiscard]] std::string log() const;

 private:
  bool run(const std::string& config);

  test_support::ScratchDirectory scratch_;
  std::unique_ptr<test_support::Process> process_;
  std::string port_;
  int starts_ = 0;
};

}  // namespace trapline::integration
