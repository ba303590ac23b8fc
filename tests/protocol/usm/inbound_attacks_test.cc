// What an Inbound must not fall for: forged, cut, replayed and bent messages.

#include <malloc.h>

#include <gtest/gtest.h>

#include "protocol/usm/key_cache.h"
#include "tests/protocol/usm/raw_message.h"

namespace trapline::protocol::usm {
namespace {

using std::chrono::seconds;
using test_support::hex;
using test_support::Octets;

Receiver one_user(AuthProtocol auth = AuthProtocol::sha256,
                  PrivProtocol priv = PrivProtocol::aes128) {
  return Receiver(users(test_user("ops", auth, priv)));
}

std::string_view verdict(Receiver& receiver, const Octets& octets, base::BootTime now = kNow) {
  receiver.receive(octets, now);
  return receiver.verdict();
}

TEST(InboundAttacks, OnlyADigestOfTheExactLengthPasses) {
  for (const AuthProtocol auth :
       {AuthProtocol::md5, AuthProtocol::sha1, AuthProtocol::sha224, AuthProtocol::sha256,
        AuthProtocol::sha384, AuthProtocol::sha512}) {
    Receiver receiver = one_user(auth, PrivProtocol::none);
    for (std::size_t size = 0; size <= 64; ++size) {
      RawMessage raw;
      raw.digest_size = size;
      EXPECT_EQ(verdict(receiver, raw_signed(raw, receiver.user("ops"))),
                size == digest_bytes(auth) ? "accepted" : "wrong_digest")
          << name_of(auth) << " " << size;
    }
  }
}

TEST(InboundAttacks, NoBitMayChange) {
  for (const PrivProtocol priv : {PrivProtocol::aes128, PrivProtocol::none}) {
    UsmUser user = test_user("ops", AuthProtocol::sha256, priv);
    user.least_level = user.highest_level();
    Receiver receiver(users(std::move(user)));
    const Octets octets = written(receiver.user("ops"), {});
    for (std::size_t bit = 0; bit < octets.size() * 8; ++bit) {
      Octets bent = octets;
      bent[bit / 8] ^= std::byte(1U << bit % 8);
      EXPECT_NE(verdict(receiver, bent), "accepted") << bit;
    }
    EXPECT_EQ(receiver.engines.size(), 0U) << "nothing was learned";
    EXPECT_EQ(verdict(receiver, octets), "accepted");
  }
}

TEST(InboundAttacks, TruncatedAtEveryByteIsMalformed) {
  Receiver receiver = one_user();
  for (const PeerMessage& message : {PeerMessage(), inform_to(receiver.engine)}) {
    const Octets octets = written(receiver.user("ops"), message);
    for (std::size_t size = 0; size < octets.size(); ++size) {
      EXPECT_EQ(verdict(receiver, {octets.begin(), octets.begin() + static_cast<long>(size)}),
                "truncated")
          << size;
      EXPECT_TRUE(receiver.trace().report.empty());
    }
    EXPECT_EQ(verdict(receiver, octets), "accepted");
  }
}

TEST(InboundAttacks, AReplayedTrapIsRefusedAfter150Seconds) {
  Receiver receiver = one_user();
  const Octets trap = written(receiver.user("ops"), {});
  EXPECT_EQ(verdict(receiver, trap), "accepted");
  EXPECT_EQ(verdict(receiver, trap), "accepted");
  EXPECT_EQ(verdict(receiver, trap, kNow + seconds(149)), "accepted");
  EXPECT_EQ(verdict(receiver, trap, kNow + seconds(151)), "not_in_time_window");
}

TEST(InboundAttacks, AnInformIsHeldAgainstOurClock) {
  Receiver receiver = one_user();
  const PeerMessage inform = inform_to(receiver.engine);
  const auto at = [&](std::int32_t away, std::int32_t boots = 7) {
    PeerMessage shifted = inform;
    shifted.time += away;
    shifted.boots = boots;
    return verdict(receiver, written(receiver.user("ops"), shifted));
  };
  for (const std::int32_t away : {0, 149, 150, -149, -150}) EXPECT_EQ(at(away), "accepted");
  for (const std::int32_t away : {151, -151, 100'000}) EXPECT_EQ(at(away), "not_in_time_window");
  EXPECT_EQ(at(0, 6), "not_in_time_window");
  EXPECT_EQ(at(0, 8), "not_in_time_window");
  receiver.engine.boots = kLastBoots;
  EXPECT_EQ(at(0, kLastBoots), "not_in_time_window") << "an engine that got so far";
}

TEST(InboundAttacks, ARelaxedUserIsFlaggedInstead) {
  UsmUser user = test_user("ops", AuthProtocol::sha256, PrivProtocol::aes128);
  user.relaxed_time = true;
  Receiver receiver(users(std::move(user)));
  const Octets trap = written(receiver.user("ops"), {});
  EXPECT_EQ(verdict(receiver, trap), "accepted");
  EXPECT_TRUE(receiver.message().flags.empty());
  EXPECT_EQ(verdict(receiver, trap, kNow + seconds(3'600)), "accepted");
  EXPECT_TRUE(receiver.message().flags.has(Tolerance::time_window_relaxed));
}

TEST(InboundAttacks, ForgedEnginesEvictNothingAndTakeNoMemory) {
  Receiver receiver = one_user();
  ASSERT_EQ(verdict(receiver, written(receiver.user("ops"), {})), "accepted");
  RawMessage forged;
  forged.engine_id = hex("80001f8804 00000000");
  const auto in_use = [] { return mallinfo2().uordblks + mallinfo2().hblkhd; };
  std::size_t before = 0;
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    if (i == 10) before = in_use();
    forged.engine_id.resize(5);
    for (int shift = 24; shift >= 0; shift -= 8) {
      forged.engine_id.push_back(std::byte(i >> shift & 0xff));
    }
    ASSERT_EQ(verdict(receiver, raw_octets(forged)), "wrong_digest");
  }
  EXPECT_LT(in_use(), before + 4'096);
  EXPECT_EQ(receiver.engines.size(), 1U);
  EXPECT_EQ(verdict(receiver, written(receiver.user("ops"), {})), "accepted");
}

TEST(InboundAttacks, KeysTriedOnEvictNoneThatAreKept) {
  const UsmUser user = test_user("ops", AuthProtocol::sha1, PrivProtocol::none);
  KeyCache cache(2);
  const auto keep = [&](const Octets& engine) {
    static_cast<void>(cache.try_on(user, 0, engine));
    static_cast<void>(cache.keep());
  };
  const Octets a = hex("0000000001"), b = hex("0000000002"), c = hex("0000000003");
  keep(a);
  keep(b);
  for (int i = 0; i < 100; ++i) static_cast<void>(cache.try_on(user, 0, Octets(5, std::byte(i))));
  EXPECT_NE(cache.find(user, 0, b), nullptr);
  EXPECT_NE(cache.find(user, 0, a), nullptr);
  keep(c);
  EXPECT_EQ(cache.find(user, 0, b), nullptr) << "the longest unused";
  EXPECT_NE(cache.find(user, 0, a), nullptr);
  EXPECT_TRUE(base::equal(cache.find(user, 0, c)->engine_id(), c));
  EXPECT_EQ(cache.find(user, 1, c), nullptr);
  EXPECT_EQ(cache.size(), 2U);
}

TEST(InboundAttacks, AReportIsNoAmplifier) {
  Receiver receiver = one_user();
  std::size_t answered = 0;
  RawMessage raw;
  raw.flags = hex("04");
  raw.digest_size = 0;
  for (std::size_t size = 0; size <= 400; ++size) {
    for (const std::string user : {"", "ops", "x"}) {
      for (const Octets& engine : {Octets(), Octets(receiver.engine.id), peer_engine()}) {
        raw.engine_id = engine;
        raw.user = user;
        raw.data = test_support::tlv(0x30, Octets(size));
        const Octets octets = raw_octets(raw);
        receiver.receive(octets);
        const std::size_t report = receiver.trace().report.size();
        EXPECT_LE(report * 100, octets.size() * 195);
        answered += report != 0 ? 1 : 0;
      }
    }
  }
  EXPECT_GT(answered, 1'000U);
  // The smallest probes there are get theirs, whatever our boots and time have come to.
  receiver.engine.boots = 2'000'000'000;
  receiver.engine.started = kNow - seconds(2'000'000'000);
  receiver.stats.unknown_engine_ids = 4'000'000'000;
  for (const std::int32_t id : {0, 127, 128, 2'147'483'647}) {
    RawMessage smallest;
    smallest.msg_id = id;
    smallest.max_size = 484;
    smallest.flags = hex("04");
    smallest.engine_id = {};
    smallest.boots = smallest.time = 0;
    smallest.user = "";
    smallest.digest_size = 0;
    smallest.data = test_support::sequence({hex("0400 0400"), test_support::pdu_v2(0xa0, id, {})});
    const Octets octets = raw_octets(smallest);
    receiver.receive(octets);
    EXPECT_FALSE(receiver.trace().report.empty()) << id;
    EXPECT_LE(receiver.trace().report.size() * 100, octets.size() * 195);
  }
}

TEST(InboundAttacks, MalformedHeadersAreNamed) {
  Receiver receiver = one_user();
  const auto with = [&](const std::function<void(RawMessage&)>& bend) {
    RawMessage raw;
    bend(raw);
    return verdict(receiver, raw_signed(raw, receiver.user("ops")));
  };
  EXPECT_EQ(with([](RawMessage&) {}), "accepted");
  EXPECT_EQ(with([](RawMessage& raw) { raw.flags = hex("02"); }), "header_data");
  EXPECT_EQ(with([](RawMessage& raw) { raw.flags = hex("0101"); }), "header_data");
  EXPECT_EQ(with([](RawMessage& raw) { raw.flags = {}; }), "header_data");
  EXPECT_EQ(with([](RawMessage& raw) { raw.max_size = 483; }), "header_data");
  EXPECT_EQ(with([](RawMessage& raw) { raw.msg_id = -1; }), "header_data");
  EXPECT_EQ(with([](RawMessage& raw) { raw.msg_id = 1LL << 31; }), "integer_size");
  EXPECT_EQ(with([](RawMessage& raw) { raw.security_model = 2; }), "security_model");
  EXPECT_EQ(with([](RawMessage& raw) { raw.boots = -1; }), "security_parameters");
  EXPECT_EQ(with([](RawMessage& raw) { raw.time = -1; }), "security_parameters");
  EXPECT_EQ(with([](RawMessage& raw) { raw.user = std::string(33, 'x'); }), "security_parameters");
  EXPECT_EQ(with([](RawMessage& raw) { raw.flags = hex("03"); }), "unexpected_tag");
}

}  // namespace
}  // namespace trapline::protocol::usm
