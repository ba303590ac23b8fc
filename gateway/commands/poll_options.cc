#include "gateway/commands/poll_options.h"

#include <fstream>
#include <memory>

#include <CLI/CLI.hpp>

#include "gateway/commands/udp_target.h"
#include "protocol/mib/mib_index.h"

namespace trapline::gateway {
namespace {

using boost::system::in_place_error;

using Lines = std::vector<std::string>;

std::string trimmed(const std::string& text) {
  constexpr const char* kBlank = " \t\r";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

// One host a line; empty lines and those that begin with # are left out.
base::Result<Lines, std::string> read_hosts_file(const std::string& path) {
  std::ifstream file(path);
  if (!file) return {in_place_error, "cannot read the hosts in " + path};
  Lines hosts;
  for (std::string line; std::getline(file, line);) {
    line = trimmed(line);
    if (!line.empty() && line.front() != '#') hosts.push_back(std::move(line));
  }
  if (hosts.empty()) return {in_place_error, path + " names no host"};
  return hosts;
}

Lines split(const std::string& text) {
  Lines parts;
  std::size_t begin = 0;
  for (std::size_t end = 0; end != std::string::npos; begin = end + 1) {
    end = text.find(',', begin);
    parts.push_back(text.substr(begin, end == std::string::npos ? end : end - begin));
  }
  return parts;
}

PollTarget target_of(const std::string& host, const Device& device) {
  PollTarget target{host, device, {}};
  const auto parsed = parse_udp_target(host, kSnmpPort);
  if (!parsed) {
    target.problem = parsed.error();
    return target;
  }
  const auto endpoint = find_endpoint(*parsed);
  if (endpoint) {
    target.device.address = *endpoint;
  } else {
    target.problem = endpoint.error();
  }
  return target;
}

}  // namespace

base::Result<Device, std::string> read_device(AccessOptions& options) {
  auto access = read_access(options);
  if (!access) return {in_place_error, access.error()};
  auto shared = std::make_shared<PollAccess>();
  shared->version = access->version;
  shared->community = base::Secret(access->community);
  shared->v3 = std::move(access->v3);
  Device device;
  device.access = std::move(shared);
  device.timeout = access->timeout;
  device.retries = access->retries;
  return device;
}

base::Result<Polling, std::string> read_polling(PollOptions& options) {
  Lines hosts;
  Polling polling;
  polling.names = options.words;
  if (options.hosts_file) {
    auto read = read_hosts_file(*options.hosts_file);
    if (!read) return {in_place_error, read.error()};
    hosts = std::move(*read);
  } else if (polling.names.empty()) {
    return {in_place_error, "a HOST is missing, or --hosts FILE"};
  } else {
    hosts = split(polling.names.front());
    polling.names.erase(polling.names.begin());
    // In a file it is that line's failure; here it is a slip of the hand.
    for (const std::string& host : hosts) {
      const auto parsed = parse_udp_target(host, kSnmpPort);
      if (!parsed) return {in_place_error, parsed.error()};
    }
  }
  const auto device = read_device(options.access);
  if (!device) return {in_place_error, device.error()};
  for (const std::string& host : hosts) polling.targets.push_back(target_of(host, *device));
  return polling;
}

base::Result<std::vector<protocol::Oid>, std::string> read_oids(const Lines& names) {
  std::vector<protocol::Oid> out;
  for (const std::string& name : names) {
    auto oid = protocol::mib::MibIndex::built_in().parse(name);
    if (!oid) {
      return {in_place_error, "`" + name +
                                  "` is not a name the built-in MIB knows: write its OID, like "
                                  "1.3.6.1.2.1.1.5.0"};
    }
    out.push_back(std::move(*oid));
  }
  return out;
}

void add_pace_options(CLI::App& verb, std::size_t& concurrency, unsigned& packets_per_sec) {
  verb.add_option("--concurrency", concurrency, "how many hosts at a time")
      ->check(CLI::Range(1U, 10'000U))
      ->capture_default_str();
  verb.add_option("--packets-per-sec", packets_per_sec,
                  "how many datagrams a second at most, retries among them (default: no limit)")
      ->check(CLI::Range(1U, 1'000'000U));
}

void add_poll_options(CLI::App& verb, PollOptions& options) {
  add_access_options(verb, options.access);
  verb.add_option("--hosts", options.hosts_file, "the hosts, one a line, in place of HOST")
      ->type_name("FILE");
  add_pace_options(verb, options.concurrency, options.packets_per_sec);
  verb.add_flag("--numeric", options.numeric, "OIDs and enumerations as numbers");
  verb.add_option("words", options.words, "HOST[:PORT][,HOST...] and NAMEs (names or OIDs)")
      ->type_name("HOST NAME...")
      ->option_text("HOST NAME...");
}

}  // namespace trapline::gateway
