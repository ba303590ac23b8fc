#include "gateway/loop_guard.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "protocol/decode.h"
#include "protocol/encode.h"
#include "protocol/translation.h"
#include "tests/support/fake_clock.h"
#include "tests/support/wire.h"

namespace trapline::gateway {
namespace {

using namespace std::chrono_literals;
using test_support::hex;
using test_support::integer;
using test_support::Octets;
using test_support::pdu_v1;
using test_support::TrapV1;
using test_support::v2c_trap;
using test_support::varbind;

// A notification as a gateway received it.
struct Received {
  Received(Octets octets, std::string_view from) : datagram(std::move(octets)) {
    const auto decoded = protocol::decode(datagram, protocol::kDefaultMaxVarbinds, scratch);
    EXPECT_TRUE(decoded);
    if (decoded) trap = decoded->message;
    trap.peer = {*base::IpAddress::parse(from), 40'000};
    trap.agent = trap.peer.ip;
  }

  const Octets datagram;
  protocol::DecodeScratch scratch;
  protocol::TrapMessage trap;
};

Octets link_down(std::int64_t index = 7) {
  return v2c_trap({varbind("1.3.6.1.2.1.2.2.1.1.7", integer(index)),
                   varbind("1.3.6.1.2.1.31.1.1.1.6.7", hex("46 01 07"))});
}

Octets as_v1(const protocol::TrapMessage& message) {
  const protocol::TranslatedV1 v1 = protocol::to_v1(message);
  Octets out;
  protocol::encode_v1(
      {v1.enterprise, v1.agent_addr, v1.generic, v1.specific, v1.uptime, v1.varbinds},
      base::as_bytes("x"), out);
  return out;
}

Octets as_v2(const protocol::TrapMessage& message) {
  protocol::TranslationRoom room;
  Octets out;
  protocol::encode_v2c({.pdu = protocol::PduKind::trap,
                        .request_id = 5,
                        .uptime = message.uptime,
                        .trap_oid = message.trap_oid,
                        .varbinds = protocol::to_v2_varbinds(message, room)},
                       base::as_bytes("x"), out);
  return out;
}

// A gateway that forwards to the next one of a ring whatever it may, in turn as v2c and as v1.
struct Node {
  Node(const test_support::FakeClock& clock, std::string own, bool as_version_one)
      : guard(clock, 99), address(std::move(own)), v1(as_version_one) {}

  LoopGuard guard;
  const std::string address;
  const bool v1;
  int forwarded = 0;
};

// How many hops it takes until the ring of gateways is quiet again.
int hops_of(std::vector<std::unique_ptr<Node>>& ring, Octets datagram, std::string from) {
  int hops = 0;
  for (std::size_t at = 0; hops < 100; at = (at + 1) % ring.size(), ++hops) {
    Node& node = *ring[at];
    const Received received(std::move(datagram), from);
    if (node.guard.has_come_back(received.trap)) return hops;
    node.guard.forwarding(received.trap);
    ++node.forwarded;
    datagram = node.v1 ? as_v1(received.trap) : as_v2(received.trap);
    from = node.address;
  }
  return hops;
}

std::vector<std::unique_ptr<Node>> ring_of(const test_support::FakeClock& clock, int nodes,
                                           int version_one, bool one_machine) {
  std::vector<std::unique_ptr<Node>> ring;
  for (int i = 0; i < nodes; ++i) {
    ring.push_back(
        std::make_unique<Node>(clock, one_machine ? "127.0.0.1" : "10.0.1." + std::to_string(i + 1),
                               (version_one >> i & 1) != 0));
  }
  return ring;
}

TEST(LoopGuard, ARingOfGatewaysStopsWithinOneRoundInEveryVersion) {
  const test_support::FakeClock clock;
  for (const bool one_machine : {false, true}) {
    const std::string device = one_machine ? "127.0.0.1" : "10.7.7.7";
    for (int nodes = 1; nodes <= 3; ++nodes) {
      for (int version_one = 0; version_one < 1 << nodes; ++version_one) {
        auto ring = ring_of(clock, nodes, version_one, one_machine);
        EXPECT_EQ(hops_of(ring, link_down(), device), nodes) << nodes << " " << version_one;
        TrapV1 trap;
        trap.specific = 300;
        auto other = ring_of(clock, nodes, version_one, one_machine);
        EXPECT_EQ(hops_of(other, test_support::message(0, pdu_v1(trap)), device), nodes)
            << nodes << " " << version_one;
      }
    }
  }
}

TEST(LoopGuard, AnAddressThatIsNoneLeadsNobodyAstray) {
  const test_support::FakeClock clock;
  for (const std::string_view claim : {"40 04 00 00 00 00", "04 04 0a 07 07 07", "02 01 07"}) {
    const Octets trap = v2c_trap({varbind("1.3.6.1.6.3.18.1.3.0", hex(claim))});
    for (int nodes = 1; nodes <= 3; ++nodes) {
      for (int version_one = 0; version_one < 1 << nodes; ++version_one) {
        auto ring = ring_of(clock, nodes, version_one, false);
        EXPECT_EQ(hops_of(ring, trap, "10.7.7.7"), nodes) << claim << nodes << version_one;
      }
    }
  }
}

TEST(LoopGuard, ARepetitionThatComesAgainAndAgainIsBelievedAfterTheWindow) {
  test_support::FakeClock clock;
  LoopGuard guard(clock, 1);
  const Received first(link_down(), "10.7.7.7");
  guard.forwarding(first.trap);
  const Received back(as_v2(first.trap), "10.0.1.1");
  for (int minute = 1; minute <= 5; ++minute) {
    clock.advance(1min);
    EXPECT_TRUE(guard.has_come_back(back.trap));
  }
  clock.advance(1min);
  EXPECT_FALSE(guard.has_come_back(back.trap));
}

TEST(LoopGuard, ADeviceOfIPv6StopsWithinOneRoundToo) {
  const test_support::FakeClock clock;
  for (int nodes = 1; nodes <= 3; ++nodes) {
    auto ring = ring_of(clock, nodes, 0, false);
    EXPECT_EQ(hops_of(ring, link_down(), "2001:db8::7"), nodes);
  }
}

TEST(LoopGuard, ARepetitionOfTheDeviceIsNoLoop) {
  test_support::FakeClock clock;
  LoopGuard guard(clock, 1);
  const Received first(link_down(), "10.7.7.7");
  EXPECT_FALSE(guard.has_come_back(first.trap));
  guard.forwarding(first.trap);
  EXPECT_FALSE(guard.has_come_back(first.trap));
  const Received other_device(link_down(), "10.7.7.8");
  EXPECT_FALSE(guard.has_come_back(other_device.trap));
}

TEST(LoopGuard, AVersionOneDeviceIsBelievedAfterAWhile) {
  test_support::FakeClock clock;
  LoopGuard guard(clock, 1);
  TrapV1 trap;
  trap.agent_addr = hex("40 04 0a 07 07 07");
  const Received first(test_support::message(0, pdu_v1(trap)), "10.7.7.7");
  guard.forwarding(first.trap);
  EXPECT_TRUE(guard.has_come_back(first.trap));
  clock.advance(3s);
  EXPECT_FALSE(guard.has_come_back(first.trap));
  const Received by_another(test_support::message(0, pdu_v1(trap)), "10.0.1.1");
  EXPECT_TRUE(guard.has_come_back(by_another.trap));
}

TEST(LoopGuard, ForgetsAfterItsWindow) {
  test_support::FakeClock clock;
  LoopGuard guard(clock, 1);
  const Received first(link_down(), "10.7.7.7");
  guard.forwarding(first.trap);
  const Received back(as_v2(first.trap), "10.0.1.1");
  clock.advance(LoopGuard::kWindow);
  EXPECT_TRUE(guard.has_come_back(back.trap));
  clock.advance(LoopGuard::kWindow + 1s);
  EXPECT_FALSE(guard.has_come_back(back.trap));
}

TEST(LoopGuard, WhatHadToWaitIsKnownFromWhenItLeft) {
  test_support::FakeClock clock;
  LoopGuard guard(clock, 1);
  const Received first(link_down(), "10.7.7.7");
  const sinks::ForwardDigest digest = guard.forwarding(first.trap);
  const Received back(as_v2(first.trap), "10.0.1.1");
  clock.advance(LoopGuard::kWindow + 1s);
  guard.still_forwarding(digest);
  clock.advance(LoopGuard::kWindow);
  EXPECT_TRUE(guard.has_come_back(back.trap));
}

TEST(LoopGuard, AtItsBoundTheLatestAreRemembered) {
  test_support::FakeClock clock;
  LoopGuard guard(clock, 1);
  Received trap(link_down(), "10.7.7.7");
  constexpr std::uint32_t kMany = LoopGuard::kEntries * 2;
  for (std::uint32_t i = 0; i < kMany; ++i) {
    trap.trap.uptime = i;
    clock.advance(1us);
    guard.forwarding(trap.trap);
  }
  trap.trap.claimed_agent = trap.trap.agent;
  trap.trap.peer.ip = *base::IpAddress::parse("10.0.1.1");
  std::uint32_t known = 0;
  for (std::uint32_t i = kMany - 100'000; i < kMany; ++i) {
    trap.trap.uptime = i;
    if (guard.has_come_back(trap.trap)) ++known;
  }
  EXPECT_EQ(known, 100'000U);
}

}  // namespace
}  // namespace trapline::gateway
