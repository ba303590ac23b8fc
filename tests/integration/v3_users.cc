#include "tests/integration/v3_users.h"

#include <array>
#include <utility>

namespace trapline::integration {
namespace {

using Spelling = std::pair<const char*, const char*>;  // ours, net-snmp's
constexpr std::array kAuths = {Spelling{"md5", "MD5"},        Spelling{"sha1", "SHA"},
                               Spelling{"sha224", "SHA-224"}, Spelling{"sha256", "SHA-256"},
                               Spelling{"sha384", "SHA-384"}, Spelling{"sha512", "SHA-512"}};
constexpr std::array kPrivs = {Spelling{"des", "DES"},           Spelling{"aes128", "AES"},
                               Spelling{"aes192", "AES-192"},    Spelling{"aes256", "AES-256"},
                               Spelling{"aes192c", "AES-192-C"}, Spelling{"aes256c", "AES-256-C"}};

template <std::size_t kCount>
std::string spelled(const std::array<Spelling, kCount>& names, const std::string& ours) {
  for (const auto& [own, theirs] : names) {
    if (own == ours) return theirs;
  }
  return {};
}

}  // namespace

std::string V3User::name(std::string_view prefix) const {
  std::string name(prefix);
  if (auth.empty()) return name + "open";
  name += auth;
  if (!priv.empty()) name += "-" + priv;
  return name;
}

std::string V3User::level() const {
  if (auth.empty()) return "noAuthNoPriv";
  return priv.empty() ? "authNoPriv" : "authPriv";
}

std::vector<std::string> V3User::net_snmp() const {
  std::vector<std::string> arguments = {"-v3", "-u", name(), "-l", level()};
  const auto add = [&](std::vector<std::string> more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
  };
  if (!auth.empty()) add({"-a", spelled(kAuths, auth), "-A", kAuthPassword});
  if (!priv.empty()) add({"-x", spelled(kPrivs, priv), "-X", kPrivPassword});
  return arguments;
}

std::vector<std::string> V3User::trapline(std::string_view prefix) const {
  std::vector<std::string> arguments = {"--version", "v3", "--user", name(prefix)};
  const auto add = [&](std::vector<std::string> more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
  };
  if (!auth.empty()) add({"--auth", auth, "--auth-password", kAuthPassword});
  if (!priv.empty()) add({"--priv", priv, "--priv-password", kPrivPassword});
  return arguments;
}

std::string V3User::create_user(const std::string& engine) const {
  std::string line = "createUser " + (engine.empty() ? "" : "-e 0x" + engine + " ") + name();
  if (!auth.empty()) line += " " + spelled(kAuths, auth) + " " + kAuthPassword;
  if (!priv.empty()) line += " " + spelled(kPrivs, priv) + " " + kPrivPassword;
  return line + "\n";
}

std::string V3User::yaml(std::string_view prefix) const {
  std::string entry = "    - { name: " + name(prefix);
  if (!auth.empty()) entry += ", auth: " + auth + ", auth_password: " + kAuthPassword;
  if (!priv.empty()) entry += ", priv: " + priv + ", priv_password: " + kPrivPassword;
  return entry + " }\n";
}

std::vector<V3User> users_of_net_snmp() {
  std::vector<V3User> users = {{}};
  for (const auto& [auth, unused] : kAuths) {
    users.push_back({auth, {}});
    for (const auto& [priv, spelling] : kPrivs) users.push_back({auth, priv});
  }
  return users;
}

}  // namespace trapline::integration
