// A real HTTPS destination, in a process of its own: tests/peers/collector_peer.py.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/process.h"
#include "tests/support/scratch_directory.h"

namespace trapline::integration {

// Can be killed and started again: the port, the certificate and what it got stay. One thread.
class Collector {
 public:
  // Makes a certificate for 127.0.0.1; nothing is started yet.
  Collector();

  // Starts it and waits until it listens. False when it does not.
  [[nodiscard]] bool start();
  // Ends it by SIGKILL.
  void kill();

  // "https://127.0.0.1:PORT"; known once it was started.
  [[nodiscard]] std::string url() const { return "https://127.0.0.1:" + port_; }
  // The authority that signed its certificate.
  [[nodiscard]] std::string ca_path() const { return scratch_ / "collector.pem"; }
  // The bodies that came to a path, in order.
  [[nodiscard]] std::vector<nlohmann::json> bodies(const std::string& path) const;

 private:
  test_support::ScratchDirectory scratch_;
  std::string port_ = "0";
  std::unique_ptr<test_support::Process> process_;
};

}  // namespace trapline::integration
