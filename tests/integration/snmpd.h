// net-snmp's agent, as Debian ships it, with a configuration of its own on a free loopback port.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/process.h"
#include "tests/support/scratch_directory.h"

namespace trapline::integration {

// Runs until it dies. Communities `public`; users `noc` (SHA-256, AES-128) and `old` (MD5, DES).
class Snmpd {
 public:
  static constexpr const char* kAuthPassword = "correct horse";
  static constexpr const char* kPrivPassword = "battery staple";

  Snmpd() : port_(test_support::free_udp_port()) {
    const std::string target = "127.0.0.1:" + std::to_string(port_);
    const std::string file = scratch_.write(
        "snmpd.conf", "agentaddress udp:" + target +
                          "\nrocommunity public 127.0.0.0/8\n"
                          "createUser noc SHA-256 \"correct horse\" AES \"battery staple\"\n"
                          "createUser old MD5 \"correct horse\" DES \"battery staple\"\n"
                          "rouser noc authPriv\nrouser old authPriv\n"
                          "sysName core-1\nsysLocation \"rack \\\"7\\\"\"\nsysContact\n");
    process_.emplace(std::vector<std::string>{"snmpd", "-f", "-Lo", "-C", "-c", file},
                     std::vector<std::string>{"MIBS=", "SNMP_PERSISTENT_DIR=" + scratch_.path()});
    EXPECT_TRUE(test_support::wait_until([&] {
      return test_support::run_program(
                 {"snmpget", "-m", "", "-v2c", "-c", "public", "-r0", target, "1.3.6.1.2.1.1.5.0"})
                 .exit_code == 0;
    })) << process_->out()
        << process_->err();
  }

  [[nodiscard]] std::string target() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  test_support::ScratchDirectory scratch_;
  const std::uint16_t port_;
  std::optional<test_support::Process> process_;
};

}  // namespace trapline::integration
