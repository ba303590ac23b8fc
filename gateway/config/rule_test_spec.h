// Tests of rules as they were written under `tests`: what comes, and what is to be decided.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ip_address.h"
#include "protocol/trap_message.h"
#include "rules/routed_trap.h"
#include "rules/source_text.h"

namespace trapline::gateway {

// One value of a notification. Plain value.
struct TestVarBind {
  rules::SourceText name;  // "ifIndex", "IF-MIB::ifDescr.7" or an OID
  std::string type;        // a letter as of `trapline send`; empty: by the MIB, or by its look
  std::string value;
  bool quoted = false;  // stood in quotes: never a number by its look
  rules::Place value_place;
};

// One value that the device answers when a rule asks it. Plain value.
struct TestAnswer {
  std::string enrichment;
  std::string member;
  std::string value;
  bool quoted = false;  // stood in quotes: never a number by its look
};

// A notification that a test sends. Plain value.
struct TestNotification {
  rules::Place place;
  rules::SourceText trap;  // its name or OID
  // Nobody sends it: the gateway itself says so of the device `from`.
  rules::Synthetic made_by = rules::Synthetic::none;
  base::IpAddress from;
  protocol::Version version = protocol::Version::v2c;
  protocol::PduKind pdu = protocol::PduKind::trap;
  std::string community = "public";  // the configured name
  std::string listener = "0.0.0.0:162";
  std::uint32_t uptime = 360'000;  // hundredths of a second
  std::string security_name;
  protocol::SecurityLevel security_level = protocol::SecurityLevel::no_auth_no_priv;
  std::vector<std::byte> engine_id;
  std::string context;
  std::vector<TestVarBind> varbinds;
  std::vector<TestAnswer> answers;
  std::uint32_t repeat = 1;       // how often it is sent
  std::chrono::seconds every{0};  // time between two of them
};

// A step of a test: time that passes, then perhaps a notification.
struct TestStep {
  std::chrono::seconds wait{0};
  std::optional<TestNotification> notification;
};

// What a decision should be. What is absent is not judged. Plain value.
struct DecisionExpectation {
  rules::Place place;
  std::optional<std::string> severity;
  std::optional<std::string> state;
  std::optional<std::string> key;
  std::optional<std::string> summary;
  std::optional<std::string> synthetic;
  std::optional<std::uint64_t> count;
  std::optional<bool> dropped;
  std::vector<std::pair<std::string, std::string>> tags;  // these at least
  std::optional<std::vector<std::string>> rules;          // in this order
  std::optional<std::vector<std::string>> sinks;          // in any order
  std::optional<std::vector<std::string>> flags;          // in any order
};

// One entry of `tests`. Plain value.
struct RuleTestSpec {
  std::string name;
  rules::Place place;
  std::vector<TestStep> steps;
  std::optional<DecisionExpectation> last;                // of the last decision
  std::optional<std::vector<DecisionExpectation>> every;  // of all decisions, in their order
  std::optional<std::vector<std::string>> problems;  // keys of what is raised in the end, sorted
};

}  // namespace trapline::gateway
