// A syslog receiver over TCP or TLS, in a process of its own: tests/peers/syslog_peer.py.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/peer.h"

namespace trapline::integration {

// Can be killed and started again: the port, the certificate and what it has read stay. One thread.
class SyslogReceiver {
 public:
  // `transport`: "tcp" or "tls", for which it makes a certificate for 127.0.0.1. Nothing is started
  // yet.
  explicit SyslogReceiver(std::string transport);

  // Starts it and waits until it listens. False when it does not.
  [[nodiscard]] bool start();
  // Ends it by SIGKILL.
  void kill() { peer_.kill(); }

  // "tcp://127.0.0.1:PORT"; known once it was started.
  [[nodiscard]] std::string address() const { return transport_ + "://127.0.0.1:" + peer_.port(); }
  // The authority that signed its certificate.
  [[nodiscard]] const std::string& ca_path() const { return certificate_.path; }
  // The parts of each message that was read, ever, in order, as the script says.
  [[nodiscard]] std::vector<nlohmann::json> messages() const;

 private:
  const std::string transport_;
  test_support::ScratchDirectory scratch_;
  test_support::Certificate certificate_;
  test_support::Peer peer_{"syslog_peer.py"};
};

}  // namespace trapline::integration
