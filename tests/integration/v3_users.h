// Users of SNMPv3 for tests with real peers: every pair of protocols, all with the same passwords.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trapline::integration {

inline constexpr const char* kAuthPassword = "auth-password-of-all";
inline constexpr const char* kPrivPassword = "priv-password-of-all";

// One user. Names are those of the configuration; empty: without.
struct V3User {
  std::string auth;
  std::string priv;

  // "sha256-aes128"; `prefix` tells users of different peers apart.
  [[nodiscard]] std::string name(std::string_view prefix = "") const;
  [[nodiscard]] std::string level() const;
  // -v3 -u NAME -l LEVEL and the rest, as net-snmp's tools take them.
  [[nodiscard]] std::vector<std::string> net_snmp() const;
  // --version v3 --user NAME and the rest, as `trapline send` takes them.
  [[nodiscard]] std::vector<std::string> trapline(std::string_view prefix = "") const;
  // "createUser ..." of snmptrapd.conf; `engine` as in -e, or empty.
  [[nodiscard]] std::string create_user(const std::string& engine) const;
  // The entry of `v3.users`.
  [[nodiscard]] std::string yaml(std::string_view prefix = "") const;
};

// noAuthNoPriv, each auth protocol, and each auth protocol with each priv protocol that net-snmp's
// tools have, both key extensions included.
[[nodiscard]] std::vector<V3User> users_of_net_snmp();

}  // namespace trapline::integration
