// The verbs that ask devices, against agents that a test makes up: silence, errors, nonsense.

#include <chrono>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/oid_order.h"
#include "tests/integration/simulated_agent.h"
#include "tests/support/process.h"

namespace trapline::integration {
namespace {

using gateway::SentRequest;
using test_support::Finished;
using test_support::hex;
using test_support::integer;
using test_support::octet_string;
using test_support::run_program;
using test_support::time_ticks;
using test_support::varbind;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kSysName = "1.3.6.1.2.1.1.5.0";
constexpr const char* kUptime = "1.3.6.1.2.1.1.3.0";

Finished trapline(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), test_support::trapline_binary());
  return run_program(arguments);
}

Finished get_from(const SimulatedAgent& agent, const std::string& version = "v2c") {
  return trapline(
      {"get", "--version", version, "--timeout-ms", "150", agent.target(), "sysName.0"});
}

TEST(PollerVerbs, NoAnswerIsExit69AndSaysHowOftenItWasAsked) {
  const SimulatedAgent agent({"127.0.0.1"}, 0, [](const SentRequest&) { return Octets{}; });
  const Finished result = get_from(agent);
  EXPECT_EQ(result.exit_code, 69);
  EXPECT_THAT(result.err, HasSubstr("no answer to 2 attempt(s) of 150 ms"));
}

TEST(PollerVerbs, ATruncatedReplyHasItsOwnError) {
  const SimulatedAgent agent({"127.0.0.1"}, 0, [](const SentRequest& request) {
    Octets reply = response_to(request, {varbind(kSysName, octet_string("core"))});
    reply.resize(reply.size() - 3);
    return reply;
  });
  const Finished result = get_from(agent);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("cannot be read: truncated at octet"));
}

TEST(PollerVerbs, AReplyForAnotherRequestHasItsOwnError) {
  const SimulatedAgent agent({"127.0.0.1"}, 0, [](SentRequest request) {
    request.id ^= 1;
    return response_to(request, {varbind(kSysName, octet_string("core"))});
  });
  const Finished result = get_from(agent);
  EXPECT_EQ(result.exit_code, 69);
  EXPECT_THAT(result.err, HasSubstr("an answer came to another request"));
}

TEST(PollerVerbs, AReplyFromElsewhereIsNotBelieved) {
  SimulatedAgent agent({"127.0.0.1"}, 0, [](const SentRequest& request) {
    return response_to(request, {varbind(kSysName, octet_string("forged"))});
  });
  agent.answer_from_elsewhere = true;
  const Finished result = get_from(agent);
  EXPECT_EQ(result.exit_code, 69);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, HasSubstr("instead"));
}

TEST(PollerVerbs, NoSuchNameOfV1NamesTheVariable) {
  const SimulatedAgent agent({"127.0.0.1"}, 0, [](const SentRequest& request) {
    return test_support::message(
        0, test_support::tlv(0xa2, test_support::join({integer(request.id), integer(2), integer(1),
                                                       test_support::tlv(0x30, {})})));
  });
  const Finished result = get_from(agent, "v1");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("noSuchName"));
  EXPECT_THAT(result.err, HasSubstr("SNMPv2-MIB::sysName.0"));
}

TEST(PollerVerbs, AnAgentThatGoesBackwardsEndsTheWalk) {
  const SimulatedAgent agent({"127.0.0.1"}, 0, [](const SentRequest& request) {
    return response_to(request, {varbind("1.3.6.1.2.1.2.2.1.2.5", octet_string("a")),
                                 varbind("1.3.6.1.2.1.2.2.1.2.4", octet_string("b"))});
  });
  const Finished result = trapline({"bulkwalk", agent.target(), "ifDescr"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr("IF-MIB::ifDescr.5"));
  EXPECT_THAT(result.err, HasSubstr("names do not increase: IF-MIB::ifDescr.4 after"));
}

TEST(PollerVerbs, OneHostsFailureStopsNoOther) {
  const SimulatedAgent agent({"127.0.0.1"}, 0, [](const SentRequest& request) {
    return response_to(request, {varbind(kSysName, octet_string("core"))});
  });
  const Finished result = trapline({"get", "--timeout-ms", "100", "--retries", "0",
                                    "127.0.0.1:9,host.invalid," + agent.target(), "sysName.0"});
  EXPECT_EQ(result.exit_code, 69);
  EXPECT_EQ(result.out, agent.target() + ": SNMPv2-MIB::sysName.0 = STRING: core\n");
  EXPECT_THAT(result.err, HasSubstr("127.0.0.1:9: no answer"));
  EXPECT_THAT(result.err, HasSubstr("cannot find the host host.invalid"));
}

TEST(PollerVerbs, DiscoverFindsTheThreeOf254InBoundedTime) {
  const SimulatedAgent agent(
      {"127.9.8.3", "127.9.8.77", "127.9.8.254"}, 0, [](const SentRequest& request) {
        return response_to(request,
                           {varbind("1.3.6.1.2.1.1.1.0", octet_string("a\nb")),
                            varbind("1.3.6.1.2.1.1.2.0", test_support::oid("1.3.6.1.4.1.8072")),
                            varbind(kSysName, octet_string("core"))});
      });
  const auto began = std::chrono::steady_clock::now();
  const Finished result =
      trapline({"discover", "--timeout-ms", "200", "--retries", "1", "--concurrency", "127",
                "--port", std::to_string(agent.port()), "127.9.8.0/24"});
  const auto took = std::chrono::steady_clock::now() - began;
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.err, HasSubstr("3 of 254 addresses answered"));
  EXPECT_THAT(result.out, HasSubstr("127.9.8.77\tcore\t1.3.6.1.4.1.8072\ta\\u000ab\n"));
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 3);
  // Two attempts of 200 ms, twice 127 addresses at a time, and as much again for a busy machine.
  EXPECT_LT(took, std::chrono::milliseconds(200 * 2 * 2 * 2 + 1'000));
}

// Counters from poll to poll; the last script goes on.
class RatesOfAScript : public ::testing::Test {
 protected:
  struct Poll {
    std::uint32_t uptime;
    std::map<std::string, Octets> counters;  // by name, in order
  };
  // Runs two polls 100 ms apart.
  Finished run(const std::vector<Poll>& polls, std::vector<std::string> names) {
    int poll = -1;
    const SimulatedAgent agent({"127.0.0.1"}, 0, [&](const SentRequest& request) {
      if (request.names.front() == kUptime) {
        ++poll;
        return response_to(request, {varbind(kUptime, time_ticks(polls.at(poll).uptime))});
      }
      return next_of(polls.at(poll), request);
    });
    names.insert(names.begin(), {"rates", "--interval", "0.1", agent.target()});
    return trapline(names);
  }

 private:
  static Octets next_of(const Poll& poll, const SentRequest& request) {
    const auto asked = *protocol::Oid::parse(request.names.front());
    Octets varbinds;
    for (const auto& [name, value] : poll.counters) {
      const auto order = protocol::lexicographic_order(*protocol::Oid::parse(name), asked);
      const bool fits = request.tag == 0xa0 ? order == 0 : order > 0;
      if (fits) varbinds = test_support::join({varbinds, varbind(name, value)});
    }
    if (varbinds.empty()) varbinds = varbind(request.names.front().c_str(), hex("82 00"));
    return response_to(request, {varbinds});
  }
};

constexpr const char* kInOctets = "1.3.6.1.2.1.2.2.1.10.7";
constexpr const char* kHcInOctets = "1.3.6.1.2.1.31.1.1.1.6.7";

TEST_F(RatesOfAScript, AWrapIsNoRestart) {
  const Finished result = run({{1'000, {{kInOctets, hex("41 05 00 ff ff ff 9c")}}},
                               {2'000, {{kInOctets, hex("41 02 03 84")}}}},
                              {"ifInOctets"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "IF-MIB::ifInOctets.7 = 100.00/s (wrapped)\n");
}

TEST_F(RatesOfAScript, ARestartGivesNoRate) {
  const Finished result =
      run({{90'000, {{kInOctets, hex("41 01 05")}}}, {100, {{kInOctets, hex("41 02 03 84")}}}},
          {"ifInOctets"});
  EXPECT_THAT(result.out, HasSubstr("no rate: the device restarted"));
}

TEST_F(RatesOfAScript, NoTimePassedGivesNoRate) {
  const Finished result =
      run({{90'000, {{kInOctets, hex("41 01 05")}}}, {90'000, {{kInOctets, hex("41 02 03 84")}}}},
          {"ifInOctets"});
  EXPECT_THAT(result.out, HasSubstr("no rate: no time has passed"));
}

TEST_F(RatesOfAScript, AFirstSampleIsSaidToBeOne) {
  const Finished result =
      run({{1'000, {{kInOctets, hex("41 01 05")}}},
           {2'000, {{kInOctets, hex("41 01 0f")}, {"1.3.6.1.2.1.2.2.1.10.8", hex("41 01 0f")}}}},
          {"ifInOctets"});
  EXPECT_EQ(result.out,
            "IF-MIB::ifInOctets.7 = 1.00/s\n"
            "IF-MIB::ifInOctets.8 = first sample, no rate yet\n");
}

TEST_F(RatesOfAScript, TheWideCounterIsPreferred) {
  const Finished result =
      run({{1'000, {{kInOctets, hex("41 01 05")}, {kHcInOctets, hex("46 01 05")}}},
           {2'000, {{kInOctets, hex("41 01 0f")}, {kHcInOctets, hex("46 02 03 ed")}}}},
          {"ifInOctets", "--json"});
  EXPECT_THAT(result.out, StartsWith(R"({"name":"IF-MIB::ifHCInOctets.7","kind":"rate",)"
                                     R"("per_sec":100)"));
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 1);
}

}  // namespace
}  // namespace trapline::integration
