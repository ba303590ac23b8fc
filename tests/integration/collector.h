// A real HTTPS destination, in a process of its own: tests/peers/collector_peer.py.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/peer.h"

namespace trapline::integration {

// Can be killed and started again: the port, the certificate and what it got stay. One thread.
class Collector {
 public:
  // Starts it and waits until it listens. False when it does not.
  [[nodiscard]] bool start();
  // Ends it by SIGKILL.
  void kill() { peer_.kill(); }

  // "https://127.0.0.1:PORT"; known once it was started.
  [[nodiscard]] std::string url() const { return "https://127.0.0.1:" + peer_.port(); }
  // The authority that signed its certificate.
  [[nodiscard]] const std::string& ca_path() const { return certificate_.path; }
  // The bodies that came to a path, in order.
  [[nodiscard]] std::vector<nlohmann::json> bodies(const std::string& path) const;

 private:
  test_support::ScratchDirectory scratch_;
  test_support::Certificate certificate_ =
      test_support::make_certificate(scratch_, "collector", "IP:127.0.0.1");
  test_support::Peer peer_{"collector_peer.py"};
};

}  // namespace trapline::integration
