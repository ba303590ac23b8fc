#include "protocol/usm/inbound.h"

#include <gtest/gtest.h>

#include "tests/protocol/usm/v3_peer.h"

namespace trapline::protocol::usm {
namespace {

using std::chrono::seconds;
using test_support::hex;
using test_support::Octets;

constexpr std::string_view kUsmStats = "1.3.6.1.6.3.15.1.1.";

Receiver one_user(AuthProtocol auth = AuthProtocol::sha256,
                  PrivProtocol priv = PrivProtocol::aes128) {
  return Receiver(users(test_user("ops", auth, priv)));
}

// What the Receiver says of a message, and which of usmStats its Report carries ("" for none).
std::pair<std::string, std::string> said(Receiver& receiver, const Octets& octets,
                                         base::BootTime now = kNow) {
  receiver.receive(octets, now);
  std::string oid = report_oid(receiver.trace().report);
  if (oid.starts_with(kUsmStats)) oid = oid.substr(kUsmStats.size(), 1);
  return {std::string(receiver.verdict()), oid};
}

using Said = std::pair<std::string, std::string>;

TEST(Inbound, ATrapOfAnUnknownEngineIsAccepted) {
  Receiver receiver = one_user();
  PeerMessage trap;
  trap.context_name = "vrf1";
  ASSERT_TRUE(receiver.receive(written(receiver.user("ops"), trap))) << receiver.verdict();
  const TrapMessage& message = receiver.message();
  EXPECT_EQ(message.version, Version::v3);
  EXPECT_EQ(message.pdu, PduKind::trap);
  EXPECT_EQ(message.msg_id, 4711);
  EXPECT_EQ(message.request_id, 99);
  EXPECT_EQ(message.security.name, "ops");
  EXPECT_EQ(message.security.level, SecurityLevel::auth_priv);
  EXPECT_TRUE(base::equal(message.security.engine_id, peer_engine()));
  EXPECT_TRUE(base::equal(message.security.context_engine_id, peer_engine()));
  EXPECT_EQ(message.security.context_name, "vrf1");
  EXPECT_EQ(message.trap_oid.to_string(), "1.3.6.1.6.3.1.1.5.3");
  EXPECT_TRUE(message.flags.empty());
  EXPECT_TRUE(receiver.trace().authenticated);
  EXPECT_EQ(receiver.engines.size(), 1U);
}

TEST(Inbound, AnInformIsAnsweredAtItsLevel) {
  Receiver receiver = one_user();
  const PeerMessage inform = inform_to(receiver.engine);
  ASSERT_TRUE(receiver.receive(written(receiver.user("ops"), inform))) << receiver.verdict();
  EXPECT_EQ(receiver.message().pdu, PduKind::inform);
  const Octets response = receiver.response();
  ASSERT_FALSE(response.empty());
  // Read as a message to the same engine: genuine, timely, readable, and no notification.
  EXPECT_EQ(said(receiver, response), Said("not_a_notification", ""));
  EXPECT_TRUE(receiver.trace().authenticated);
  EXPECT_EQ(receiver.trace().level, SecurityLevel::auth_priv);
  EXPECT_EQ(receiver.trace().flags, 3);
  EXPECT_EQ(receiver.engines.size(), 0U);
}

TEST(Inbound, AnAutoUserReadsInformsOfBothKeyExtensionsAndAnswersInKind) {
  Receiver receiver = one_user(AuthProtocol::sha1, PrivProtocol::aes256_auto);
  const UsmUser blumenthal = test_user("ops", AuthProtocol::sha1, PrivProtocol::aes256);
  const UsmUser reeder = test_user("ops", AuthProtocol::sha1, PrivProtocol::aes256c);
  for (int i = 0; i < 3; ++i) {
    for (const UsmUser* sender : {&blumenthal, &reeder}) {
      ASSERT_TRUE(receiver.receive(written(*sender, inform_to(receiver.engine))));
      EXPECT_EQ(receiver.trace().key_scheme, sender == &reeder ? "reeder" : "blumenthal");
      Receiver judge(users(test_user("ops", AuthProtocol::sha1, sender->priv)));
      EXPECT_EQ(said(judge, receiver.response()), Said("not_a_notification", ""));
    }
  }
}

TEST(Inbound, AResponseThatIsTooBigSaysSo) {
  Receiver receiver = one_user();
  PeerMessage inform = inform_to(receiver.engine);
  inform.max_size = 484;
  inform.pdu = test_support::pdu_v2(
      0xa6, 77,
      {test_support::uptime_varbind(), test_support::trap_oid_varbind(),
       test_support::varbind("1.3.6.1.4.1.1", test_support::octet_string(std::string(400, 'x')))});
  ASSERT_TRUE(receiver.receive(written(receiver.user("ops"), inform))) << receiver.verdict();
  const Octets response = receiver.response();
  EXPECT_GT(response.size(), 0U);
  EXPECT_LE(response.size(), 484U);
}

TEST(Inbound, NoResponseIsLongerThanItsReceiverAllows) {
  Receiver receiver = one_user();
  PeerMessage inform = inform_to(receiver.engine);
  inform.max_size = 484;
  bool answered = true;
  for (std::size_t size = 0; size < 500; ++size) {
    inform.context_name = std::string(size, 'c');
    ASSERT_TRUE(receiver.receive(written(receiver.user("ops"), inform))) << receiver.verdict();
    const Octets response = receiver.response();
    EXPECT_LE(response.size(), 484U);
    EXPECT_TRUE(answered || response.empty()) << size;
    answered = !response.empty();
    // Names of legal length are always answered (RFC 3411 §3.3.2).
    EXPECT_TRUE(answered || size > 255) << size;
  }
  EXPECT_FALSE(answered);
}

TEST(Inbound, DiscoveryIsAnswered) {
  Receiver receiver = one_user();
  EXPECT_EQ(said(receiver, probe()), Said("discovery", "4"));
  EXPECT_EQ(said(receiver, probe(1, hex("80001f88"))), Said("discovery", "4"));
  EXPECT_EQ(said(receiver, probe(1, Octets(33))), Said("discovery", "4"));
  EXPECT_EQ(said(receiver, probe(1, peer_engine())), Said("unknown_engine", "4"));
  EXPECT_EQ(receiver.stats.unknown_engine_ids, 4U);
  EXPECT_FALSE(receiver.trace().report_is_authenticated);
}

TEST(Inbound, EachRefusalOfAnInformHasItsReport) {
  UsmUser strict = test_user("strict", AuthProtocol::sha256, PrivProtocol::aes128);
  strict.least_level = SecurityLevel::auth_priv;
  Receiver receiver(users(test_user("ops", AuthProtocol::sha256, PrivProtocol::aes128),
                          test_user("auth", AuthProtocol::sha256, PrivProtocol::none),
                          std::move(strict)));
  const UsmUser& ops = receiver.user("ops");
  PeerMessage inform = inform_to(receiver.engine);
  inform.user = "nobody";
  EXPECT_EQ(said(receiver, written(ops, inform)), Said("unknown_user", "3"));
  inform.user = "auth";
  EXPECT_EQ(said(receiver, written(ops, inform)), Said("unsupported_level", "1"));
  inform.user = "strict";
  inform.flags = msg_flag::kAuth;
  EXPECT_EQ(said(receiver, written(ops, inform)), Said("level_too_low", "1"));
  inform = inform_to(receiver.engine);
  Octets octets = written(ops, inform);
  octets.back() ^= std::byte{1};
  EXPECT_EQ(said(receiver, octets), Said("wrong_digest", "5"));
  EXPECT_FALSE(receiver.trace().report_is_authenticated);
  inform.boots = 6;
  EXPECT_EQ(said(receiver, written(ops, inform)), Said("not_in_time_window", "2"));
  EXPECT_TRUE(receiver.trace().report_is_authenticated);
  const Octets report(receiver.trace().report.begin(), receiver.trace().report.end());
  EXPECT_EQ(said(receiver, report), Said("not_a_notification", ""));
  EXPECT_EQ(receiver.trace().level, SecurityLevel::auth_no_priv);
  EXPECT_TRUE(receiver.trace().authenticated);
  EXPECT_EQ(receiver.trace().boots, 7);
  EXPECT_EQ(receiver.trace().time, 1'000);
}

TEST(Inbound, NoTrapIsAnswered) {
  Receiver receiver(users(test_user("ops", AuthProtocol::sha256, PrivProtocol::aes128),
                          test_user("auth", AuthProtocol::sha256, PrivProtocol::none)));
  for (const std::string name : {"ops", "auth"}) {
    const UsmUser& user = receiver.user(name);
    PeerMessage trap;
    trap.user = "nobody";
    EXPECT_EQ(said(receiver, written(user, trap)), Said("unknown_user", ""));
    trap.user = "";
    Octets octets = written(user, trap);
    octets.back() ^= std::byte{1};
    EXPECT_EQ(said(receiver, octets), Said("wrong_digest", ""));
    EXPECT_EQ(said(receiver, written(user, trap)), Said("accepted", ""));
    trap.boots = 2;
    EXPECT_EQ(said(receiver, written(user, trap)), Said("not_in_time_window", ""));
  }
}

TEST(Inbound, AReadableTrapIsNotAnsweredEvenWhenItAsksForIt) {
  Receiver receiver = one_user(AuthProtocol::sha1, PrivProtocol::none);
  PeerMessage trap;
  trap.reportable = true;
  EXPECT_EQ(said(receiver, written(receiver.user("ops"), trap)), Said("accepted", ""));
  trap.user = "nobody";
  EXPECT_EQ(said(receiver, written(receiver.user("ops"), trap)), Said("unknown_user", ""));
  trap.engine_id = {};
  EXPECT_EQ(said(receiver, written(receiver.user("ops"), trap)), Said("discovery", ""));
}

TEST(Inbound, AnInformToAnotherEngineIsDiscarded) {
  Receiver receiver = one_user();
  PeerMessage inform;
  inform.pdu = inform_pdu();
  EXPECT_EQ(said(receiver, written(receiver.user("ops"), inform)),
            Said("inform_for_other_engine", "4"));
  inform.reportable = true;
  EXPECT_EQ(said(receiver, written(receiver.user("ops"), inform)), Said("unknown_engine", "4"));
}

}  // namespace
}  // namespace trapline::protocol::usm
