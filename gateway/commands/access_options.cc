#include "gateway/commands/access_options.h"

#include <string.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <span>
#include <string_view>

#include <CLI/CLI.hpp>

#include "gateway/config/nearest_name.h"
#include "gateway/engine_id_text.h"
#include "protocol/usm/protocol_names.h"

namespace trapline::gateway {
namespace {

namespace usm = protocol::usm;
using protocol::SecurityLevel;
using protocol::Version;

constexpr const char* kAuthVariable = "TRAPLINE_AUTH_PASSWORD";
constexpr const char* kPrivVariable = "TRAPLINE_PRIV_PASSWORD";
constexpr std::size_t kMaxContextBytes = 255;

using Problem = std::optional<std::string>;
using Names = std::vector<std::string_view>;

template <class Enum>
Names names_between(Enum first, Enum last) {
  Names names;
  for (int value = static_cast<int>(first); value <= static_cast<int>(last); ++value) {
    names.push_back(name_of(static_cast<Enum>(value)));
  }
  return names;
}

Names level_names() {
  return names_between(SecurityLevel::no_auth_no_priv, SecurityLevel::auth_priv);
}

Names auth_names() {
  const auto names = usm::auth_protocol_names();
  return {names.begin(), names.end()};
}

// Without the `-auto` ones: whoever sends must know.
Names priv_names() {
  const auto names = usm::priv_protocol_names();
  Names out;
  std::ranges::copy_if(names, std::back_inserter(out),
                       [](std::string_view name) { return !name.ends_with("-auto"); });
  return out;
}

std::string not_among(std::string_view option, std::string_view text, const Names& names) {
  std::string problem = std::string(option) + " `" + std::string(text) + "` is unknown";
  const std::string_view nearest = nearest_name(text, names);
  if (!nearest.empty()) problem += ", did you mean `" + std::string(nearest) + "`?";
  problem += " One of";
  for (const std::string_view name : names) problem += " " + std::string(name);
  return problem;
}

// A password as typed, or else from the environment; empty when there is neither.
std::string_view password_of(const std::optional<std::string>& typed, const char* variable) {
  if (typed) return *typed;
  const char* const text = std::getenv(variable);
  return text == nullptr ? std::string_view() : std::string_view(text);
}

void wipe(std::optional<std::string>& typed) {
  if (typed) explicit_bzero(typed->data(), typed->size());
}

// The user of a --version v3, from its options.
class V3Reader {
 public:
  explicit V3Reader(const AccessOptions& options) : options_(options) {}

  base::Result<V3Access, std::string> read() {
    if (Problem problem = read_user()) return *problem;
    if (Problem problem = read_protocols()) return *problem;
    if (Problem problem = read_level()) return *problem;
    if (Problem problem = read_keys()) return *problem;
    if (Problem problem = read_rest()) return *problem;
    return std::move(access_);
  }

 private:
  Problem read_user() {
    if (options_.community) return "SNMPv3 has no community: leave --community out";
    if (!options_.user || options_.user->empty()) return "--version v3 needs --user NAME";
    if (options_.user->size() > usm::kMaxUserNameBytes) {
      return "--user is too long: at most 32 octets";
    }
    access_.user.name = *options_.user;
    return std::nullopt;
  }

  Problem read_protocols() {
    usm::UsmUser& user = access_.user;
    if (options_.auth) {
      const auto auth = usm::auth_protocol_named(*options_.auth);
      if (!auth) return not_among("--auth", *options_.auth, auth_names());
      user.auth = *auth;
    }
    if (options_.priv) {
      const auto priv = usm::priv_protocol_named(*options_.priv);
      if (!priv) return not_among("--priv", *options_.priv, priv_names());
      user.priv = *priv;
    }
    if (user.priv == usm::PrivProtocol::aes192_auto ||
        user.priv == usm::PrivProtocol::aes256_auto) {
      return "--priv " + *options_.priv +
             " is for receivers, which can try both: choose aes192 or aes256, or Cisco's aes192c "
             "or aes256c";
    }
    if (user.priv != usm::PrivProtocol::none && user.auth == usm::AuthProtocol::none) {
      return "SNMPv3 has no privacy without authentication: add --auth and --auth-password";
    }
    if (options_.auth_password && user.auth == usm::AuthProtocol::none) {
      return "--auth-password without --auth: add its protocol, like --auth sha256";
    }
    if (options_.priv_password && user.priv == usm::PrivProtocol::none) {
      return "--priv-password without --priv: add its protocol, like --priv aes128";
    }
    return std::nullopt;
  }

  Problem read_level() {
    const SecurityLevel highest =
        access_.user.priv != usm::PrivProtocol::none   ? SecurityLevel::auth_priv
        : access_.user.auth != usm::AuthProtocol::none ? SecurityLevel::auth_no_priv
                                                       : SecurityLevel::no_auth_no_priv;
    access_.level = highest;
    if (!options_.level) return std::nullopt;
    const Names names = level_names();
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i] != *options_.level) continue;
      access_.level =
          static_cast<SecurityLevel>(i + static_cast<std::size_t>(SecurityLevel::no_auth_no_priv));
      if (access_.level <= highest) return std::nullopt;
      return "--level " + *options_.level + " needs " +
             (highest == SecurityLevel::auth_no_priv ? "--priv and --priv-password"
              : access_.level == SecurityLevel::auth_no_priv
                  ? "--auth and --auth-password"
                  : "--auth, --auth-password, --priv and --priv-password");
    }
    return not_among("--level", *options_.level, names);
  }

  Problem read_keys() {
    usm::MasterKeys keys;
    if (access_.level < SecurityLevel::auth_priv) access_.user.priv = usm::PrivProtocol::none;
    if (access_.level < SecurityLevel::auth_no_priv) {
      access_.user.auth = usm::AuthProtocol::none;
    } else {
      const std::string_view password = password_of(options_.auth_password, kAuthVariable);
      if (Problem problem = judge(password, "--auth-password", kAuthVariable)) return problem;
      keys.auth = usm::password_to_key(base::as_bytes(password), access_.user.auth);
    }
    if (access_.level == SecurityLevel::auth_priv) {
      const std::string_view password = password_of(options_.priv_password, kPrivVariable);
      if (Problem problem = judge(password, "--priv-password", kPrivVariable)) return problem;
      keys.priv = usm::password_to_key(base::as_bytes(password), access_.user.auth);
    }
    if (access_.user.auth != usm::AuthProtocol::none) access_.user.keys.push_back(std::move(keys));
    return std::nullopt;
  }

  Problem judge(std::string_view password, const char* option, const char* variable) const {
    const std::string level(protocol::name_of(access_.level));
    if (password.empty()) {
      return level + " needs " + option + ", or the environment variable " + variable;
    }
    if (password.size() < usm::kMinPasswordBytes) {
      return std::string(option) + " is too short: SNMPv3 passwords have at least 8 characters";
    }
    return std::nullopt;
  }

  Problem read_rest() {
    if (options_.context) access_.context_name = *options_.context;
    if (access_.context_name.size() > kMaxContextBytes) return "--context is over 255 octets";
    if (!options_.engine_id) return std::nullopt;
    auto id = parse_engine_id(*options_.engine_id);
    if (!id) return "--engine-id must be 10 to 64 hexadecimal digits, like 80001f8880c2a1b2c3";
    access_.engine_id = std::move(*id);
    return std::nullopt;
  }

  const AccessOptions& options_;
  V3Access access_;
};

bool asks_for_v3(const AccessOptions& options) {
  return options.user || options.level || options.auth || options.auth_password || options.priv ||
         options.priv_password || options.context || options.engine_id;
}

}  // namespace

base::Result<SnmpAccess, std::string> read_access(AccessOptions& options) {
  SnmpAccess access;
  access.timeout = std::chrono::milliseconds(options.timeout_ms);
  access.retries = options.retries;
  if (options.version == "v3") {
    access.version = Version::v3;
    auto v3 = V3Reader(options).read();
    wipe(options.auth_password);
    wipe(options.priv_password);
    if (!v3) return v3.error();
    access.v3 = std::move(*v3);
    return access;
  }
  if (options.version != "v1" && options.version != "v2c") {
    return "--version is v1, v2c or v3, not `" + options.version + "`";
  }
  if (asks_for_v3(options)) {
    return "--user, --level, --auth, --priv, their passwords, --context and --engine-id are for "
           "SNMPv3: add --version v3";
  }
  access.version = options.version == "v1" ? Version::v1 : Version::v2c;
  if (options.community) access.community = *options.community;
  return access;
}

void add_access_options(CLI::App& verb, AccessOptions& options) {
  verb.add_option("--version", options.version, "v1, v2c or v3")->capture_default_str();
  verb.add_option("--community", options.community, "v1 and v2c: the community (public)")
      ->type_name("NAME");
  verb.add_option("--timeout-ms", options.timeout_ms, "wait for each answer")
      ->check(CLI::Range(1U, 600'000U))
      ->capture_default_str();
  verb.add_option("--retries", options.retries, "how often to ask again")
      ->check(CLI::Range(0U, 1'000U))
      ->capture_default_str();
  verb.add_flag("--json", options.json, "print the result as JSON");
  add_v3_options(verb, options);
}

void add_v3_options(CLI::App& verb, AccessOptions& options) {
  const auto text = [&](const char* name, std::optional<std::string>& out, const char* type,
                        const std::string& help) {
    verb.add_option(name, out, help)->type_name(type)->group("SNMPv3");
  };
  const auto list = [](const Names& names) {
    std::string joined;
    for (const std::string_view name : names) {
      joined += (joined.empty() ? "" : " ") + std::string(name);
    }
    return joined;
  };
  text("--user", options.user, "NAME", "the user (securityName)");
  text("--level", options.level, "LEVEL", list(level_names()) + " (what --auth and --priv allow)");
  text("--auth", options.auth, "PROTOCOL", list(auth_names()));
  text("--auth-password", options.auth_password, "TEXT",
       std::string("or in the environment: ") + kAuthVariable);
  text("--priv", options.priv, "PROTOCOL", list(priv_names()));
  text("--priv-password", options.priv_password, "TEXT",
       std::string("or in the environment: ") + kPrivVariable);
  text("--context", options.context, "NAME", "contextName (empty)");
  text("--engine-id", options.engine_id, "HEX",
       "the authoritative engine: of a trap, the sender's own; else the peer's (asked for)");
}

}  // namespace trapline::gateway
