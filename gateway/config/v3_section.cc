#include "gateway/config/v3_section.h"

#include <algorithm>
#include <array>
#include <optional>

#include "gateway/config/nearest_name.h"
#include "gateway/engine_id_text.h"
#include "gateway/engine_identity.h"
#include "protocol/usm/protocol_names.h"

namespace trapline::gateway {
namespace {

namespace usm = protocol::usm;
using protocol::SecurityLevel;

constexpr std::size_t kMostUsers = 10'000;
constexpr std::size_t kMostEngines = 10'000;
constexpr std::size_t kMaxPasswordBytes = 1'024;

using LevelName = std::pair<std::string_view, SecurityLevel>;
constexpr std::array kLevels = {LevelName{"noAuthNoPriv", SecurityLevel::no_auth_no_priv},
                                LevelName{"authNoPriv", SecurityLevel::auth_no_priv},
                                LevelName{"authPriv", SecurityLevel::auth_priv}};
using WindowName = std::pair<std::string_view, bool>;
constexpr std::array kWindows = {WindowName{"strict", false}, WindowName{"relaxed", true}};

// One user on its way from the file to its keys.
class UserReader {
 public:
  UserReader(const ConfigNode& item, const std::string& where, ConfigProblems& problems)
      : item_(item), problems_(problems), reader_(item, where, problems) {}

  usm::UsmUser read() {
    reader_.require("name", "the user name (securityName) that devices send");
    reader_.read_text("name", user_.name);
    if (user_.name.size() > usm::kMaxUserNameBytes) {
      problems_.add(place("name"), "`" + reader_.name_of("name") + "` is too long",
                    "at most 32 octets (RFC 3414 §2.4)");
    }
    read_protocols();
    read_keys(reader_, item_);
    if (const ConfigNode* next = reader_.map("next")) {
      FieldReader next_reader(*next, reader_.name_of("next"), problems_);
      read_keys(next_reader, *next);
      next_reader.finish();
    }
    read_level();
    reader_.read_choice<bool>("time_window", kWindows, user_.relaxed_time);
    read_engines();
    reader_.finish();
    return std::move(user_);
  }

 private:
  [[nodiscard]] ConfigPlace place(std::string_view key) const {
    const ConfigNode* node = item_.find(key);
    return node == nullptr ? item_.place : node->place;
  }

  template <class Protocol, class Named>
  void read_protocol(std::string_view key, std::span<const std::string_view> names, Named&& named,
                     Protocol& out) {
    const ConfigNode* node = reader_.text_node(key);
    if (node == nullptr) return;
    const std::optional<Protocol> known = named(node->text);
    if (known && *known != Protocol::none) {
      out = *known;
      return;
    }
    const std::string_view nearest = nearest_name(node->text, names);
    std::string hint = nearest.empty() ? "" : "did you mean `" + std::string(nearest) + "`? ";
    hint += "one of";
    for (const std::string_view name : names) hint += " " + std::string(name);
    problems_.add(node->place, "`" + reader_.name_of(key) + "` is no protocol", hint);
  }

  void read_protocols() {
    read_protocol("auth", usm::auth_protocol_names(), usm::auth_protocol_named, user_.auth);
    read_protocol("priv", usm::priv_protocol_names(), usm::priv_protocol_named, user_.priv);
    if (user_.priv != usm::PrivProtocol::none && item_.find("auth") == nullptr) {
      problems_.add(place("priv"), "`" + reader_.name_of("priv") + "` without `auth`",
                    "SNMPv3 has no privacy without authentication (RFC 3411 §3.4.3): add `auth` "
                    "and `auth_password`");
      user_.priv = usm::PrivProtocol::none;
    }
  }

  // One pair of passwords, as far as the protocols ask for them.
  void read_keys(FieldReader& reader, const ConfigNode& map) {
    usm::MasterKeys keys;
    keys.auth = read_key(reader, map, "auth_password", user_.auth != usm::AuthProtocol::none);
    keys.priv = read_key(reader, map, "priv_password", user_.priv != usm::PrivProtocol::none);
    if (user_.auth != usm::AuthProtocol::none) user_.keys.push_back(std::move(keys));
  }

  base::Secret read_key(FieldReader& reader, const ConfigNode& map, std::string_view key,
                        bool wanted) {
    const std::string protocol(key.substr(0, key.find('_')));
    base::Secret password;
    reader.read_secret(key, password, kMaxPasswordBytes);
    const ConfigNode* node = map.find(key);
    if (node == nullptr && wanted) {
      reader.require(key, "the password that devices use with `" + protocol + "`");
    } else if (node != nullptr && !wanted && item_.find(protocol) == nullptr) {
      problems_.add(node->place, "`" + reader.name_of(key) + "` without `" + protocol + "`",
                    "add `" + protocol + "`, or remove the password");
    }
    const base::Bytes text = password.reveal();
    if (node == nullptr || !wanted || text.empty()) return {};
    if (text.size() < usm::kMinPasswordBytes) {
      problems_.add(node->place, "`" + reader.name_of(key) + "` is too short",
                    "SNMPv3 passwords have at least 8 characters (RFC 3414 §11.2): set a longer "
                    "one here and on the devices");
      return {};
    }
    return usm::password_to_key(text, user_.auth);
  }

  // Without the key: as high as the protocols go, so that nobody speaks in the clear for a user
  // that has passwords.
  void read_level() {
    const SecurityLevel highest = user_.highest_level();
    user_.least_level = highest;
    reader_.read_choice<SecurityLevel>("level", kLevels, user_.least_level);
    if (user_.least_level <= highest) return;
    problems_.add(place("level"),
                  "`" + reader_.name_of("level") + "` asks for more than the user has",
                  "add `auth` and `priv` with their passwords, or set a lower level");
  }

  void read_engines() {
    const ConfigNode* list = reader_.list("engines");
    if (list == nullptr) return;
    if (list->items.size() > kMostEngines) {
      problems_.add(list->place, "too many `" + reader_.name_of("engines") + "`", "at most 10000");
      return;
    }
    for (const ConfigNode& item : list->items) {
      auto id = item.kind == ConfigNode::Kind::text ? parse_engine_id(item.text) : std::nullopt;
      if (id) {
        user_.engines.push_back(std::move(*id));
      } else {
        problems_.add(item.place, "`" + reader_.name_of("engines") + "` must list engineIDs",
                      "10 to 64 hexadecimal digits in quotes, like \"80001f8880c2a1b2c3\"");
      }
    }
  }

  const ConfigNode& item_;
  ConfigProblems& problems_;
  FieldReader reader_;
  usm::UsmUser user_;
};

void read_engine(FieldReader& v3, ConfigProblems& problems, V3Config& config) {
  const ConfigNode* map = v3.map("engine");
  if (map == nullptr) return;
  FieldReader reader(*map, "v3.engine", problems);
  const ConfigNode* id = reader.text_node("id");
  reader.finish();
  if (id == nullptr || id->text == "auto") return;
  auto parsed = parse_engine_id(id->text);
  if (parsed && parsed->size() <= kMaxOwnEngineIdBytes) {
    config.engine_id = std::move(*parsed);
    return;
  }
  problems.add(id->place, "`v3.engine.id` is not an engineID",
               "`auto`, or 10 to 34 hexadecimal digits in quotes");
}

}  // namespace

protocol::usm::UsmUser read_v3_user(const ConfigNode& map, const std::string& where,
                                    ConfigProblems& problems) {
  return UserReader(map, where, problems).read();
}

void read_v3(FieldReader& top, ConfigProblems& problems, V3Config& v3) {
  const ConfigNode* map = top.map("v3");
  if (map == nullptr) return;
  FieldReader reader(*map, "v3", problems);
  read_engine(reader, problems, v3);
  std::vector<usm::UsmUser> users;
  const auto read_item = [&](const ConfigNode& item, const std::string& where) {
    usm::UsmUser user = UserReader(item, where, problems).read();
    const bool known = std::ranges::find(users, user.name, &usm::UsmUser::name) != users.end();
    if (known && !user.name.empty()) {
      problems.add(item.place, "duplicate user `" + user.name + "`",
                   "one entry serves traps and informs of every engine; a second password goes "
                   "into `next`");
      return;
    }
    users.push_back(std::move(user));
  };
  for_each_map(reader.list("users"), "v3.users", kMostUsers, problems, read_item);
  reader.finish();
  if (problems.empty()) v3.users = usm::UserTable(std::move(users));
}

}  // namespace trapline::gateway
