// ACCESS on a command line: how to speak to an SNMP peer. The same options for every verb that
// does.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "gateway/poller/poll_access.h"
#include "protocol/trap_message.h"

namespace CLI {
class App;
}

namespace trapline::gateway {

// As typed, not yet checked. Nothing where an option was not given.
struct AccessOptions {
  std::string version = "v2c";
  std::optional<std::string> community;
  std::optional<std::string> user;
  std::optional<std::string> level;
  std::optional<std::string> auth;
  std::optional<std::string> auth_password;
  std::optional<std::string> priv;
  std::optional<std::string> priv_password;
  std::optional<std::string> context;
  std::optional<std::string> engine_id;
  unsigned timeout_ms = 1'000;
  unsigned retries = 1;
  bool json = false;
};

// Adds the options to `verb`; `options` must live as long as it.
void add_access_options(CLI::App& verb, AccessOptions& options);
// Adds those of SNMPv3 alone.
void add_v3_options(CLI::App& verb, AccessOptions& options);

// Checked, defaults filled in. Move-only.
struct SnmpAccess {
  protocol::Version version = protocol::Version::v2c;
  std::string community = "public";
  std::optional<V3Access> v3;  // when `version` is v3
  std::chrono::milliseconds timeout{1'000};
  unsigned retries = 1;
};

// Checks the options, takes passwords that were not typed from the environment
// (TRAPLINE_AUTH_PASSWORD, TRAPLINE_PRIV_PASSWORD) and turns them into keys, about a millisecond
// each; the typed ones are wiped in `options`. Failing, says in one line what to write instead.
[[nodiscard]] base::Result<SnmpAccess, std::string> read_access(AccessOptions& options);

}  // namespace trapline::gateway
