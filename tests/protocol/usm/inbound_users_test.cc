// Users as they are met in the field: two passwords, either key extension, pinned engines.

#include <gtest/gtest.h>

#include "tests/protocol/usm/raw_message.h"

namespace trapline::protocol::usm {
namespace {

using test_support::hex;
using test_support::Octets;

std::string_view verdict(Receiver& receiver, const Octets& octets) {
  receiver.receive(octets);
  return receiver.verdict();
}

UsmUser with_password(std::string_view auth, std::string_view priv,
                      PrivProtocol protocol = PrivProtocol::aes128) {
  UsmUser user = test_user("ops", AuthProtocol::sha1, protocol);
  user.keys[0] = master_keys(AuthProtocol::sha1, protocol, auth, priv);
  return user;
}

TEST(InboundUsers, BothPasswordsOfARotationAreAccepted) {
  UsmUser rotating = with_password("a new password", "a new secret");
  rotating.keys.push_back(master_keys(AuthProtocol::sha1, PrivProtocol::aes128));
  Receiver receiver(users(std::move(rotating)));
  const UsmUser before = test_user("ops", AuthProtocol::sha1, PrivProtocol::aes128);
  const UsmUser after = with_password("a new password", "a new secret");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(verdict(receiver, written(before, {})), "accepted");
    EXPECT_EQ(receiver.trace().password, 1);
    EXPECT_EQ(verdict(receiver, written(after, {})), "accepted");
    EXPECT_EQ(receiver.trace().password, 0);
  }
  // The Response is by the password the inform came with.
  ASSERT_EQ(verdict(receiver, written(before, inform_to(receiver.engine))), "accepted");
  const Octets response = receiver.response();
  Receiver old(users(test_user("ops", AuthProtocol::sha1, PrivProtocol::aes128)));
  EXPECT_EQ(verdict(old, response), "not_a_notification");
  const UsmUser third = with_password("neither of them", "neither of them");
  EXPECT_EQ(verdict(receiver, written(third, {})), "wrong_digest");
}

TEST(InboundUsers, AutoFindsTheExtensionAndRemembersIt) {
  for (const auto& [sent, scheme] : {std::pair{PrivProtocol::aes256, "blumenthal"},
                                     std::pair{PrivProtocol::aes256c, "reeder"}}) {
    Receiver receiver(users(test_user("ops", AuthProtocol::sha1, PrivProtocol::aes256_auto)));
    const UsmUser sender = test_user("ops", AuthProtocol::sha1, sent);
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(verdict(receiver, written(sender, {})), "accepted");
      EXPECT_EQ(receiver.trace().key_scheme, scheme);
    }
    ASSERT_EQ(verdict(receiver, written(sender, inform_to(receiver.engine))), "accepted");
    const Octets response = receiver.response();
    Receiver peer(users(test_user("ops", AuthProtocol::sha1, sent)));
    EXPECT_EQ(verdict(peer, response), "not_a_notification") << "answered by the same scheme";
  }
}

TEST(InboundUsers, AutoMeansNothingWhereTheDigestIsLongEnough) {
  Receiver receiver(users(test_user("ops", AuthProtocol::sha256, PrivProtocol::aes256_auto)));
  const UsmUser sender = test_user("ops", AuthProtocol::sha256, PrivProtocol::aes256c);
  EXPECT_EQ(verdict(receiver, written(sender, {})), "accepted");
  EXPECT_EQ(receiver.trace().key_scheme, "");
}

TEST(InboundUsers, AWrongPrivacyPasswordIsPlaintextThatCannotBeRead) {
  for (const PrivProtocol priv :
       {PrivProtocol::aes128, PrivProtocol::aes256_auto, PrivProtocol::des, PrivProtocol::des3}) {
    Receiver receiver(users(test_user("ops", AuthProtocol::sha1, priv)));
    const UsmUser sender = with_password(kAuthPassword, "not the password", priv);
    EXPECT_EQ(verdict(receiver, written(sender, {})), "unreadable_plaintext") << name_of(priv);
    EXPECT_TRUE(receiver.trace().authenticated);
    EXPECT_TRUE(receiver.trace().report.empty());
    EXPECT_EQ(verdict(receiver, written(receiver.user("ops"), {})), "accepted") << name_of(priv);
    EXPECT_TRUE(receiver.message().flags.empty()) << "padding is no flag";
  }
}

TEST(InboundUsers, ASaltOrLengthTheCipherCannotHaveIsADecryptionError) {
  Receiver receiver(users(test_user("ops", AuthProtocol::sha256, PrivProtocol::des)));
  RawMessage raw;
  raw.engine_id = receiver.engine.id;
  raw.boots = 7;
  raw.time = 1'000;
  raw.flags = hex("07");
  raw.salt = Octets(8);
  raw.data = test_support::tlv(0x04, Octets(20));
  EXPECT_EQ(verdict(receiver, raw_signed(raw, receiver.user("ops"))), "decryption_failed");
  EXPECT_EQ(report_oid(receiver.trace().report), "1.3.6.1.6.3.15.1.1.6.0");
  raw.data = test_support::tlv(0x04, Octets(24));
  raw.salt = Octets(7);
  EXPECT_EQ(verdict(receiver, raw_signed(raw, receiver.user("ops"))), "decryption_failed");
  raw.salt = Octets(8);
  EXPECT_EQ(verdict(receiver, raw_signed(raw, receiver.user("ops"))), "unreadable_plaintext");
}

TEST(InboundUsers, PinnedOnesAreRefusedElsewhereAndStillSendInforms) {
  UsmUser pinned = test_user("ops", AuthProtocol::sha256, PrivProtocol::aes128);
  pinned.engines.push_back(peer_engine());
  Receiver receiver(users(std::move(pinned)));
  const UsmUser& user = receiver.user("ops");
  EXPECT_EQ(verdict(receiver, written(user, {})), "accepted");
  PeerMessage elsewhere;
  elsewhere.engine_id = hex("80001f8880000000000000");
  EXPECT_EQ(verdict(receiver, written(user, elsewhere)), "engine_not_allowed");
  EXPECT_EQ(verdict(receiver, written(user, inform_to(receiver.engine))), "accepted");
}

TEST(InboundUsers, WithoutAnyVersionThreeIsNotSpoken) {
  Receiver receiver(users());
  EXPECT_EQ(
      verdict(receiver, written(test_user("ops", AuthProtocol::none, PrivProtocol::none), {})),
      "unsupported_version");
  EXPECT_EQ(verdict(receiver, probe()), "unsupported_version");
  EXPECT_EQ(verdict(receiver, test_support::v2c_trap({})), "accepted");
}

TEST(InboundUsers, OtherPdusInVersionThree) {
  Receiver receiver(users(test_user("ops", AuthProtocol::sha256, PrivProtocol::aes128)));
  PeerMessage message;
  message.pdu = test_support::pdu_v1({});
  EXPECT_EQ(verdict(receiver, written(receiver.user("ops"), message)), "accepted");
  EXPECT_TRUE(receiver.message().flags.has(Tolerance::pdu_of_other_version));
  message.pdu = test_support::pdu_v2(0xa7, 1, {});
  EXPECT_EQ(verdict(receiver, written(receiver.user("ops"), message)), "no_varbinds");
  message.pdu = test_support::pdu_v2(0xa0, 1, {test_support::trap_oid_varbind()});
  EXPECT_EQ(verdict(receiver, written(receiver.user("ops"), message)), "not_a_notification");
}

}  // namespace
}  // namespace trapline::protocol::usm
