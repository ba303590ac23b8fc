#include "gateway/config/test_steps_section.h"

#include <array>

#include "gateway/config/source_reader.h"
#include "gateway/engine_id_text.h"

namespace trapline::gateway {
namespace {

using protocol::PduKind;
using protocol::SecurityLevel;
using protocol::Version;
using rules::Synthetic;

constexpr IntegerRange kSecs{0, 366ULL * 86'400};
constexpr IntegerRange kRepeat{1, 100'000};
constexpr IntegerRange kUptime{0, 0xffff'ffffU};
constexpr std::size_t kMostSteps = 1'000;
constexpr std::size_t kMostVars = 256;
constexpr std::size_t kMaxTestNameBytes = 255;

template <class Enum>
using Choice = std::pair<std::string_view, Enum>;
constexpr std::array kVersions = {Choice<Version>{"v1", Version::v1},
                                  Choice<Version>{"v2c", Version::v2c},
                                  Choice<Version>{"v3", Version::v3}};
constexpr std::array kPdus = {Choice<PduKind>{"trap", PduKind::trap},
                              Choice<PduKind>{"inform", PduKind::inform}};
constexpr std::array kLevels = {
    Choice<SecurityLevel>{"noAuthNoPriv", SecurityLevel::no_auth_no_priv},
    Choice<SecurityLevel>{"authNoPriv", SecurityLevel::auth_no_priv},
    Choice<SecurityLevel>{"authPriv", SecurityLevel::auth_priv}};

constexpr std::array kDeviceChanges = {
    Choice<Synthetic>{"unreachable", Synthetic::device_unreachable},
    Choice<Synthetic>{"reachable", Synthetic::device_reachable}};

// Steps on their way from the tree; knows the notification before.
class StepReader {
 public:
  StepReader(ConfigProblems& problems, std::vector<TestStep>& out)
      : problems_(problems), out_(out) {}

  void read(const ConfigNode& item, const std::string& where, std::string_view wait_key) {
    FieldReader reader(item, where, problems_);
    TestStep step;
    reader.read_duration(wait_key, kSecs, step.wait);
    const bool only_waits = item.find("trap") == nullptr && item.keys.size() == 1 &&
                            item.keys.front().name == wait_key && has_last_;
    if (item.find("device") != nullptr) {
      step.notification = read_device_change(reader, item);
      last_.from = step.notification->from;
      has_last_ = true;
    } else if (!only_waits) {
      step.notification = read_notification(reader, item);
      last_ = *step.notification;
      has_last_ = true;
    }
    reader.finish();
    out_.push_back(std::move(step));
  }

 private:
  TestNotification read_notification(FieldReader& reader, const ConfigNode& item) {
    TestNotification sent = last_;
    sent.place = item.place;
    sent.varbinds.clear();
    sent.repeat = 1;
    sent.every = {};
    reader.require("trap", "the notification, like `trap: IF-MIB::linkDown` or its OID");
    if (auto trap = read_source(reader, "trap", problems_)) sent.trap = std::move(*trap);
    read_sender(reader, sent);
    read_name(reader, "community", sent.community);
    read_name(reader, "listener", sent.listener);
    reader.read_choice<Version>("version", kVersions, sent.version);
    reader.read_choice<PduKind>("pdu", kPdus, sent.pdu);
    reader.read_integer("uptime", kUptime, sent.uptime);
    reader.read_integer("repeat", kRepeat, sent.repeat);
    reader.read_duration("every_secs", kSecs, sent.every);
    read_security(reader, sent);
    read_vars(reader, sent);
    read_varbinds(reader, sent);
    read_enrichment(reader, sent);
    if (sent.version == Version::v1 && sent.pdu == PduKind::inform) {
      problems_.add(item.place, "SNMPv1 has no informs", "leave `pdu` or `version` out");
    }
    return sent;
  }

  // What the gateway itself says of a device; later notifications keep only the device.
  TestNotification read_device_change(FieldReader& reader, const ConfigNode& item) {
    TestNotification change;
    change.place = item.place;
    change.from = last_.from;
    reader.read_choice<Synthetic>("device", kDeviceChanges, change.made_by);
    read_sender(reader, change);
    return change;
  }

  void read_sender(FieldReader& reader, TestNotification& sent) {
    if (!has_last_) reader.require("from", "the device's address, like `from: 192.0.2.1`");
    const ConfigNode* from = reader.text_node("from");
    if (from == nullptr) return;
    const auto address = base::IpAddress::parse(from->text);
    if (address) {
      sent.from = *address;
    } else {
      problems_.add(from->place, "`" + reader.name_of("from") + "` is not an IP address",
                    "like 192.0.2.1 or \"2001:db8::1\"");
    }
  }

  void read_name(FieldReader& reader, std::string_view key, std::string& out) {
    const ConfigNode* node = reader.text_node(key);
    if (node == nullptr) return;
    out = node->text;
    if (out.size() <= kMaxTestNameBytes) return;
    problems_.add(node->place, "`" + reader.name_of(key) + "` is too long", "at most 255 octets");
  }

  void read_security(FieldReader& reader, TestNotification& sent) {
    const ConfigNode* map = reader.map("security");
    if (map == nullptr) return;
    FieldReader security(*map, reader.name_of("security"), problems_);
    if (sent.version != Version::v3) {
      problems_.add(map->place, "`" + reader.name_of("security") + "` is SNMPv3's",
                    "add `version: v3`");
    }
    read_name(security, "name", sent.security_name);
    read_name(security, "context", sent.context);
    security.read_choice<SecurityLevel>("level", kLevels, sent.security_level);
    if (const ConfigNode* id = security.text_node("engine_id")) {
      if (auto octets = parse_engine_id(id->text)) {
        sent.engine_id = std::move(*octets);
      } else {
        problems_.add(id->place, "`" + security.name_of("engine_id") + "` is not an engineID",
                      "10 to 64 hexadecimal digits in quotes");
      }
    }
    security.finish();
  }

  void read_vars(FieldReader& reader, TestNotification& sent) {
    const ConfigNode* map = reader.map("vars");
    if (map == nullptr || !few_enough(*map, reader.name_of("vars"))) return;
    for (std::size_t i = 0; i < map->keys.size(); ++i) {
      const ConfigKey& key = map->keys[i];
      TestVarBind varbind;
      varbind.name = {key.name, key.place};
      const std::string where = reader.name_of("vars") + "." + key.name;
      const ConfigNode& value = map->items[i];
      if (value.kind == ConfigNode::Kind::map) {
        FieldReader typed(value, where, problems_);
        read_typed(typed, value, varbind);
        typed.finish();
      } else {
        read_value(value, where, varbind);
      }
      sent.varbinds.push_back(std::move(varbind));
    }
  }

  void read_varbinds(FieldReader& reader, TestNotification& sent) {
    const ConfigNode* list = reader.list("varbinds");
    if (list == nullptr || !few_enough(*list, reader.name_of("varbinds"))) return;
    for_each_map(list, reader.name_of("varbinds"), kMostVars, problems_,
                 [&](const ConfigNode& item, const std::string& where) {
                   FieldReader typed(item, where, problems_);
                   TestVarBind varbind;
                   typed.require("name", "like `{ name: ifIndex.7, value: 7 }`");
                   if (auto name = read_source(typed, "name", problems_)) {
                     varbind.name = std::move(*name);
                   }
                   read_typed(typed, item, varbind);
                   typed.finish();
                   sent.varbinds.push_back(std::move(varbind));
                 });
  }

  // Replaces all that was said before.
  void read_enrichment(FieldReader& reader, TestNotification& sent) {
    const ConfigNode* map = reader.map("enrichment");
    if (map == nullptr || !few_enough(*map, reader.name_of("enrichment"))) return;
    sent.answers.clear();
    for (std::size_t i = 0; i < map->keys.size(); ++i) {
      const std::string where = reader.name_of("enrichment") + "." + map->keys[i].name;
      const ConfigNode& values = map->items[i];
      if (values.kind != ConfigNode::Kind::map) {
        problems_.add(values.place, "`" + where + "` must be a map of what the device answers",
                      "like `interface: { ifName: Gi0/7 }`");
        continue;
      }
      for (std::size_t at = 0; at < values.keys.size(); ++at) {
        TestVarBind value;
        read_value(values.items[at], where + "." + values.keys[at].name, value);
        sent.answers.push_back(
            {map->keys[i].name, values.keys[at].name, std::move(value.value), value.quoted});
      }
    }
  }

  void read_typed(FieldReader& reader, const ConfigNode& map, TestVarBind& varbind) {
    if (const ConfigNode* type = reader.text_node("type")) varbind.type = type->text;
    reader.require("value", "like `{ type: c, value: 3 }`, the letters of `trapline send`");
    const ConfigNode* value = map.find("value");
    if (reader.node("value", "a value") == nullptr) return;
    read_value(*value, reader.name_of("value"), varbind);
  }

  void read_value(const ConfigNode& node, const std::string& where, TestVarBind& varbind) {
    varbind.value_place = node.place;
    if (node.kind == ConfigNode::Kind::text) {
      varbind.value = node.text;
      varbind.quoted = node.quoted;
      return;
    }
    problems_.add(node.place, "`" + where + "` must be one value",
                  "or `{ type: c, value: 3 }`, with the letters of `trapline send`");
  }

  bool few_enough(const ConfigNode& node, const std::string& where) {
    if (node.items.size() <= kMostVars) return true;
    problems_.add(node.place, "`" + where + "` has too many values",
                  "at most " + std::to_string(kMostVars));
    return false;
  }

  ConfigProblems& problems_;
  std::vector<TestStep>& out_;
  TestNotification last_;
  bool has_last_ = false;
};

}  // namespace

void read_test_steps(FieldReader& test, ConfigProblems& problems, std::vector<TestStep>& out) {
  StepReader steps(problems, out);
  test.require("given", "what comes, like `given: { trap: IF-MIB::linkDown, from: 192.0.2.1 }`");
  const ConfigNode* given = test.node("given", "a notification or a list of them");
  const std::string where = test.name_of("given");
  if (given != nullptr && given->kind == ConfigNode::Kind::list) {
    for_each_map(given, where, kMostSteps, problems,
                 [&](const ConfigNode& item, const std::string& item_where) {
                   steps.read(item, item_where, "after_secs");
                 });
  } else if (given != nullptr && given->kind == ConfigNode::Kind::map) {
    steps.read(*given, where, "after_secs");
  } else if (given != nullptr) {
    problems.add(given->place, "`" + where + "` must be a notification or a list of them",
                 "like `{ trap: IF-MIB::linkDown, from: 192.0.2.1 }`");
  }
  for_each_map(test.list("after"), test.name_of("after"), kMostSteps, problems,
               [&](const ConfigNode& item, const std::string& item_where) {
                 steps.read(item, item_where, "secs");
               });
}

}  // namespace trapline::gateway
