// ACCESS, hosts and names of the verbs that ask devices.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "gateway/commands/access_options.h"
#include "gateway/poller/getter.h"

namespace CLI {
class App;
}

namespace trapline::gateway {

// As typed.
struct PollOptions {
  AccessOptions access;
  std::optional<std::string> hosts_file;
  std::size_t concurrency = 32;
  unsigned packets_per_sec = 0;  // 0: no limit
  bool numeric = false;
  std::vector<std::string> words;  // HOST[,HOST...] unless there is a file, then NAMEs
};

// Adds --concurrency and --packets-per-sec, for what a verb asks at a time.
void add_pace_options(CLI::App& verb, std::size_t& concurrency, unsigned& packets_per_sec);
// Adds them to `verb`, the words among them; `options` must live as long as it.
void add_poll_options(CLI::App& verb, PollOptions& options);

// One host, as it was named. Without `problem`, `device` says how to ask it.
struct PollTarget {
  std::string text;
  Device device;
  std::string problem;  // why it cannot be asked
};

// What a verb is to do. Plain value.
struct Polling {
  std::vector<PollTarget> targets;
  std::vector<std::string> names;
};

// Reads hosts (looking them up, which blocks) and names. Failing, says in one line what to write
// instead; a host that cannot be found is a target with a problem, and so is a line of a file that
// is no host.
[[nodiscard]] base::Result<Polling, std::string> read_polling(PollOptions& options);

// Checks the access options and shares what devices need of them. Fails as read_access does.
[[nodiscard]] base::Result<Device, std::string> read_device(AccessOptions& options);

// The OIDs of `names`, by the built-in MIB. Fails at the first that is none.
[[nodiscard]] base::Result<std::vector<protocol::Oid>, std::string> read_oids(
    const std::vector<std::string>& names);

}  // namespace trapline::gateway
