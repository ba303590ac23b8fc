// The verbs that ask devices, against agents that a test makes up: silence, errors, nonsense.

#include <algorithm>
#include <chrono>
#include <map>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "protocol/oid_order.h"
#include "tests/integration/simulated_agent.h"
#include "tests/support/process.h"
#include "tests/support/scratch_directory.h"

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

// A Response with an error, of v2c unless told otherwise.
Octets error_to(const SentRequest& request, std::int64_t status, std::int64_t index,
                std::int64_t version = 1) {
  return test_support::message(
      version,
      test_support::tlv(0xa2, test_support::join({integer(request.id), integer(status),
                                                  integer(index), test_support::tlv(0x30, {})})));
}

TEST(PollerVerbs, NoAnswerIsExit69AndSaysHowOftenItWasAsked) {
  const SimulatedAgent agent({"127.0.0.1"}, 0, [](const SentRequest&) { return Octets{}; });
  const Finished result = get_from(agent);
  EXPECT_EQ(result.exit_code, 69);
  EXPECT_THAT(result.err, HasSubstr("no answer to 2 attempt(s) of 150 ms (a wrong community is "
                                    "not answered either)"));
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
  const SimulatedAgent agent({"127.0.0.1"}, 0,
                             [](const SentRequest& request) { return error_to(request, 2, 1, 0); });
  const Finished result = get_from(agent, "v1");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("noSuchName"));
  EXPECT_THAT(result.err, HasSubstr("SNMPv2-MIB::sysName.0"));
}

TEST(PollerVerbs, AValueOfAnotherNameHasItsOwnError) {
  const SimulatedAgent agent({"127.0.0.1"}, 0, [](const SentRequest& request) {
    return response_to(request, {varbind("1.3.6.1.2.1.1.6.0", octet_string("core"))});
  });
  const Finished result = get_from(agent);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(
      result.err,
      HasSubstr("it holds SNMPv2-MIB::sysLocation.0 where SNMPv2-MIB::sysName.0 was asked"));
}

TEST(PollerVerbs, AnErrorOfTheDeviceNamesTheVariable) {
  const SimulatedAgent agent({"127.0.0.1"}, 0,
                             [](const SentRequest& request) { return error_to(request, 5, 1); });
  const Finished result = get_from(agent);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("genErr: "));
  EXPECT_THAT(result.err, HasSubstr("(SNMPv2-MIB::sysName.0)"));
}

TEST(PollerVerbs, TooBigIsAskedInParts) {
  std::atomic<int> requests = 0;
  const SimulatedAgent agent({"127.0.0.1"}, 0, [&requests](const SentRequest& request) {
    ++requests;
    if (request.names.size() > 2) return error_to(request, 1, 0);
    Octets varbinds;
    for (const std::string& name : request.names) {
      varbinds = test_support::join({varbinds, varbind(name, octet_string(name))});
    }
    return response_to(request, {varbinds});
  });
  std::vector<std::string> words = {"get", "--numeric", agent.target()};
  std::string expected;
  for (int i = 0; i < 7; ++i) {
    const std::string name = "1.3.6.1.2.1.31.1.1.1.1." + std::to_string(i);
    words.push_back(name);
    expected += "." + name + " = STRING: \"" + name + "\"\n";
  }
  const Finished result = trapline(words);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, expected);
  EXPECT_EQ(requests, 7);  // 7: 4 and 3, 4: 2 and 2, 3: 2 and 1
}

TEST(PollerVerbs, BulkwalkAsksForAsManyAsItIsToldTo) {
  std::atomic<std::int64_t> repetitions = 0;
  std::atomic<std::int64_t> non_repeaters = -1;
  const SimulatedAgent agent({"127.0.0.1"}, 0, [&](const SentRequest& request) {
    repetitions = request.third;
    non_repeaters = request.second;
    return response_to(request, {varbind("1.3.6.1.2.1.2.2.1.2.5", octet_string("a")),
                                 varbind("1.3.6.1.2.1.2.2.1.3.5", integer(6))});
  });
  const Finished result =
      trapline({"bulkwalk", "--max-repetitions", "7", agent.target(), "ifDescr"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out, "IF-MIB::ifDescr.5 = STRING: a\n");
  EXPECT_EQ(repetitions, 7);
  EXPECT_EQ(non_repeaters, 0);
}

TEST(PollerVerbs, AnAgentThatStandsStillEndsTheWalk) {
  const SimulatedAgent agent({"127.0.0.1"}, 0, [](const SentRequest& request) {
    return response_to(request, {varbind("1.3.6.1.2.1.2.2.1.2.5", octet_string("a"))});
  });
  const Finished result = trapline({"bulkwalk", agent.target(), "ifDescr"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 1);
  EXPECT_THAT(result.err, HasSubstr("names do not increase: IF-MIB::ifDescr.5 after"));
}

TEST(PollerVerbs, WhatComesNextMustBeGreater) {
  const SimulatedAgent agent({"127.0.0.1"}, 0, [](const SentRequest& request) {
    return response_to(request, {varbind("1.3.6.1.2.1.2.2.1.2.5", octet_string("a"))});
  });
  const Finished good = trapline({"getnext", agent.target(), "ifDescr.4"});
  EXPECT_EQ(good.exit_code, 0) << good.err;
  for (const char* const name : {"ifDescr.5", "ifDescr.6"}) {
    const Finished result = trapline({"getnext", agent.target(), name});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(
        result.err,
        HasSubstr(std::string("names do not increase: IF-MIB::ifDescr.5 after IF-MIB::") + name));
  }
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

TEST(PollerVerbs, HostsOfAFileAreAskedSeveralAtATimeAndNamedInJson) {
  const std::vector<std::string> addresses = {"127.9.7.1", "127.9.7.2", "127.9.7.3"};
  const SimulatedAgent agent(addresses, 0, [](const SentRequest& request) {
    return response_to(request, {varbind(kSysName, octet_string("core"))});
  });
  const std::string port = ":" + std::to_string(agent.port());
  const test_support::ScratchDirectory scratch;
  std::string hosts = "# routers\n\n";
  for (const std::string& address : addresses) hosts += "  " + address + port + "\r\n";
  const std::string file = scratch.write("hosts", hosts + "127.9.7.9" + port + "\n");
  const Finished result = trapline({"get", "--json", "--hosts", file, "--concurrency", "2",
                                    "--timeout-ms", "50", "--retries", "0", "sysName.0"});
  EXPECT_EQ(result.exit_code, 69);
  EXPECT_EQ(result.err, "");
  std::map<std::string, nlohmann::json> by_host;
  std::istringstream lines(result.out);
  for (std::string line; std::getline(lines, line);) {
    const auto object = nlohmann::json::parse(line);
    by_host[object["host"]] = object;
  }
  ASSERT_EQ(by_host.size(), 4U);
  for (const std::string& address : addresses) {
    EXPECT_EQ(by_host[address + port]["value"], "core") << address;
  }
  EXPECT_EQ(by_host["127.9.7.9" + port]["error"], "no_answer");
  EXPECT_THAT(by_host["127.9.7.9" + port]["reason"].get<std::string>(),
              StartsWith("no answer to 1 attempt(s) of 50 ms"));
}

// What moves a cursor, colours a line, writes backwards or begins a line of its own.
TEST(PollerVerbs, WhatADeviceSaysStaysText) {
  const std::string hostile =
      "a\x1b[31mb\r\nhost: forged = 1\x07\xc2\x9b\x32J\xe2\x80\xae\xe2\x80\xa8\x7f\x9b\xff";
  const SimulatedAgent agent({"127.0.0.1"}, 0, [&hostile](const SentRequest& request) {
    const std::string& first = request.names.front();
    if (request.tag == 0xa0) {
      Octets varbinds;
      for (const std::string& name : request.names) {
        varbinds = test_support::join({varbinds, varbind(name, octet_string(hostile))});
      }
      return response_to(request, {varbinds});
    }
    return response_to(
        request, {varbind(first + ".1", octet_string(hostile)), varbind("1.3.9", integer(1))});
  });
  const std::string port = std::to_string(agent.port());
  const std::vector<std::vector<std::string>> commands = {
      {"get", agent.target(), "sysName.0"},
      {"get", agent.target(), "1.3.6.1.4.1.99999.1.0"},
      {"get", "--numeric", agent.target(), "sysName.0"},
      {"get", "--json", agent.target(), "sysName.0"},
      {"bulkwalk", agent.target(), "ifDescr"},
      {"table", agent.target(), "ifDescr"},
      {"table", "--json", agent.target(), "ifAlias"},
      {"discover", "--port", port, "127.0.0.1/32"},
      {"discover", "--json", "--port", port, "127.0.0.1/32"}};
  for (const auto& command : commands) {
    SCOPED_TRACE(command[0] + " " + command[1]);
    const Finished result = trapline(command);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    const auto lines = std::count(result.out.begin(), result.out.end(), '\n');
    EXPECT_EQ(lines, command[0] == "table" && command[1] != "--json" ? 2 : 1);
    const auto is_control = [](char c) {
      return (c < ' ' && c >= 0 && c != '\n' && c != '\t') || c == 0x7f;
    };
    EXPECT_TRUE(std::ranges::none_of(result.out, is_control)) << result.out;
    for (const char* const bad : {"\xc2\x9b", "\xe2\x80\xae", "\xe2\x80\xa8", "\xff"}) {
      EXPECT_EQ(result.out.find(bad), std::string::npos) << result.out;
    }
  }
}

// 30 addresses, none of which answers: the last one is asked 290 ms after the first.
TEST(PollerVerbs, PacketsPerSecondAreKept) {
  std::atomic<int> requests = 0;
  std::vector<std::string> addresses;
  for (int i = 1; i <= 30; ++i) addresses.push_back("127.9.6." + std::to_string(i));
  const SimulatedAgent agent(addresses, 0, [&requests](const SentRequest&) {
    ++requests;
    return Octets{};
  });
  const auto began = std::chrono::steady_clock::now();
  const Finished result =
      trapline({"discover", "--timeout-ms", "20", "--retries", "0", "--packets-per-sec", "100",
                "--port", std::to_string(agent.port()), "127.9.6.0/27"});
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(270));
  EXPECT_EQ(result.exit_code, 69);
  EXPECT_EQ(requests, 30);
}

TEST(PollerVerbs, WhatIsMistypedIsExit64BeforeAnybodyIsAsked) {
  const std::vector<std::vector<std::string>> commands = {
      {"get"},
      {"get", "127.0.0.1"},
      {"get", "127.0.0.1:0", "sysName.0"},
      {"get", "127.0.0.1:9,,127.0.0.2:9", "sysName.0"},
      {"get", "127.0.0.1:9", "noSuchName.0"},
      {"get", "--hosts", "/nonexistent", "sysName.0"},
      {"get", "--packets-per-sec", "0", "127.0.0.1:9", "sysName.0"},
      {"get", "--concurrency", "0", "127.0.0.1:9", "sysName.0"},
      {"get", "--timeout-ms", "0", "127.0.0.1:9", "sysName.0"},
      {"get", "--version", "v3", "127.0.0.1:9", "sysName.0"},
      {"bulkwalk", "--max-repetitions", "0", "127.0.0.1:9"},
      {"table", "127.0.0.1:9"},
      {"rates", "--interval", "0", "127.0.0.1:9"},
      {"rates", "--count", "1", "127.0.0.1:9"},
      {"rates", "--max-rate", "-1", "127.0.0.1:9"},
      {"discover"},
      {"discover", "--port", "0", "127.0.0.1/32"},
      {"discover", "10.0.0.0/8"},
      {"discover", "somewhere"}};
  for (const auto& command : commands) {
    const Finished result = trapline(command);
    EXPECT_EQ(result.exit_code, 64) << ::testing::PrintToString(command);
    EXPECT_EQ(result.out, "");
    EXPECT_NE(result.err, "");
  }
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

TEST_F(RatesOfAScript, ACounterSetBackGivesNoRate) {
  const Finished result =
      run({{1'000, {{kInOctets, hex("41 02 03 84")}}}, {2'000, {{kInOctets, hex("41 01 05")}}}},
          {"ifInOctets"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("no rate: the counter went back"));
}

TEST_F(RatesOfAScript, AnythingAboveTheRateThatIsGivenIsImplausible) {
  const Finished result =
      run({{1'000, {{kInOctets, hex("41 01 05")}}}, {2'000, {{kInOctets, hex("41 02 03 84")}}}},
          {"--json", "--max-rate", "50", "ifInOctets"});
  EXPECT_THAT(result.out, HasSubstr(R"("kind":"implausible")"));
}

TEST_F(RatesOfAScript, ADeviceWithoutTheCounterIsExit1) {
  const Finished result = run({{1'000, {}}, {2'000, {}}}, {"ifInOctets"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("the device has no counter of this name"));
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
