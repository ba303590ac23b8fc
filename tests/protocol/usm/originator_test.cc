// Originator and Inbound against each other, for every pair of protocols.

#include "protocol/usm/originator.h"

#include <gtest/gtest.h>

#include "tests/protocol/usm/v3_peer.h"

namespace trapline::protocol::usm {
namespace {

using std::chrono::seconds;
using test_support::Octets;

constexpr AuthProtocol kAuths[] = {AuthProtocol::none,   AuthProtocol::md5,    AuthProtocol::sha1,
                                   AuthProtocol::sha224, AuthProtocol::sha256, AuthProtocol::sha384,
                                   AuthProtocol::sha512};
constexpr PrivProtocol kPrivs[] = {PrivProtocol::none,        PrivProtocol::des,
                                   PrivProtocol::des3,        PrivProtocol::aes128,
                                   PrivProtocol::aes192,      PrivProtocol::aes256,
                                   PrivProtocol::aes192c,     PrivProtocol::aes256c,
                                   PrivProtocol::aes192_auto, PrivProtocol::aes256_auto};

// A sender of its own user, of the same passwords unless told otherwise.
struct Sender {
  explicit Sender(UsmUser sender, std::string_view context = {})
      : user(std::move(sender)),
        originator(user, salts,
                   {.level = user.highest_level(),
                    .context_name = std::string(context),
                    .context_engine_id = {}}) {}

  Octets probe() {
    Octets out;
    originator.write_probe(++msg_id, out);
    return out;
  }
  Octets inform(base::BootTime now = kNow) {
    Octets out;
    ++msg_id;
    originator.write(msg_id, inform_pdu(msg_id), true, now, out);
    return out;
  }
  Octets trap(base::BootTime now = kNow) {
    Octets out;
    ++msg_id;
    originator.write(msg_id, trap_pdu(msg_id), false, now, out);
    return out;
  }

  UsmUser user;
  SaltCounters salts;
  Originator originator;
  std::int32_t msg_id = 0;
};

// Hands the Report to what `receiver` was last sent back to the sender.
base::Result<V3Reply, std::string> take_report(Receiver& receiver, Sender& sender,
                                               base::BootTime now = kNow) {
  return sender.originator.read(receiver.trace().report, now);
}

void discover(Receiver& receiver, Sender& sender) {
  ASSERT_TRUE(sender.originator.needs_discovery());
  receiver.receive(sender.probe());
  const auto reply = take_report(receiver, sender);
  ASSERT_TRUE(reply) << reply.error();
  EXPECT_EQ(reply->report, ReportKind::unknown_engine_id);
  ASSERT_FALSE(sender.originator.needs_discovery());
}

void expect_conversation(AuthProtocol auth, PrivProtocol priv) {
  SCOPED_TRACE(std::string(name_of(auth)) + " " + std::string(name_of(priv)));
  Receiver receiver(users(test_user("ops", auth, priv)));
  Sender informs(test_user("ops", auth, priv), "ctx");
  discover(receiver, informs);
  ASSERT_TRUE(receiver.receive(informs.inform())) << receiver.verdict();
  EXPECT_EQ(receiver.message().security.context_name, "ctx");
  EXPECT_EQ(receiver.message().security.level, informs.user.highest_level());
  const auto reply = informs.originator.read(receiver.response(), kNow);
  ASSERT_TRUE(reply) << reply.error();
  EXPECT_EQ(reply->kind, ReplyKind::response);
  EXPECT_EQ(reply->msg_id, informs.msg_id);
  EXPECT_EQ(std::to_integer<int>(reply->pdu[0]), 0xa2);
  Sender traps(test_user("ops", auth, priv));
  traps.originator.be_authoritative({peer_engine(), 3, kNow - seconds(60)});
  EXPECT_FALSE(traps.originator.needs_discovery());
  EXPECT_TRUE(receiver.receive(traps.trap())) << receiver.verdict();
}

TEST(Originator, ConversesWithInboundByEveryPairOfProtocols) {
  for (const AuthProtocol auth : kAuths) {
    for (const PrivProtocol priv : kPrivs) {
      if (auth == AuthProtocol::none && priv != PrivProtocol::none) continue;
      expect_conversation(auth, priv);
    }
  }
}

TEST(Originator, WritesNothingThatIsLongerThanADatagram) {
  for (const PrivProtocol priv : {PrivProtocol::none, PrivProtocol::aes128, PrivProtocol::des3}) {
    Sender sender(test_user("ops", AuthProtocol::sha256, priv));
    sender.originator.be_authoritative(test_engine());
    const Octets fits = test_support::pdu_v2(
        0xa7, 1,
        {test_support::varbind("1.3", test_support::octet_string(std::string(64'000, 'x')))});
    Octets out;
    sender.originator.write(1, fits, false, kNow, out);
    EXPECT_GT(out.size(), fits.size());
    for (const std::size_t size : {65'440U, 65'510U, 70'000U}) {
      const Octets pdu = test_support::pdu_v2(
          0xa7, 1,
          {test_support::varbind("1.3", test_support::octet_string(std::string(size, 'x')))});
      out.clear();
      sender.originator.write(2, pdu, false, kNow, out);
      EXPECT_EQ(out.size(), 0U) << size;
    }
  }
}

TEST(Originator, LearnsTheTimeFromASignedReport) {
  Receiver receiver(users(test_user("ops", AuthProtocol::sha1, PrivProtocol::aes128)));
  Sender sender(test_user("ops", AuthProtocol::sha1, PrivProtocol::aes128));
  sender.originator.expect_engine(receiver.engine.id);
  receiver.receive(sender.inform());
  EXPECT_EQ(receiver.verdict(), "not_in_time_window");
  const auto report = take_report(receiver, sender);
  ASSERT_TRUE(report) << report.error();
  EXPECT_EQ(report->report, ReportKind::not_in_time_window);
  EXPECT_TRUE(receiver.receive(sender.inform())) << receiver.verdict();
}

TEST(Originator, GoesOnAfterItsPeerRestarted) {
  Receiver receiver(users(test_user("ops", AuthProtocol::sha256, PrivProtocol::aes128)));
  Sender sender(test_user("ops", AuthProtocol::sha256, PrivProtocol::aes128));
  discover(receiver, sender);
  ASSERT_TRUE(receiver.receive(sender.inform()));
  ASSERT_TRUE(sender.originator.read(receiver.response(), kNow));
  receiver.engine.boots += 1;
  receiver.engine.started = kNow;
  receiver.receive(sender.inform());
  EXPECT_EQ(receiver.verdict(), "not_in_time_window");
  EXPECT_TRUE(take_report(receiver, sender));
  EXPECT_TRUE(receiver.receive(sender.inform(kNow + seconds(20)), kNow + seconds(20)))
      << receiver.verdict();
}

TEST(Originator, ItsTimeAdvancesWithTheClock) {
  Receiver receiver(users(test_user("ops", AuthProtocol::md5, PrivProtocol::none)));
  Sender sender(test_user("ops", AuthProtocol::md5, PrivProtocol::none));
  discover(receiver, sender);
  for (const int later : {0, 100, 1'000, 100'000}) {
    const base::BootTime now = kNow + seconds(later);
    EXPECT_TRUE(receiver.receive(sender.inform(now), now)) << receiver.verdict();
    EXPECT_EQ(receiver.trace().time, 1'000 + later);
  }
}

TEST(Originator, IsToldWhatIsWrong) {
  Receiver receiver(users(test_user("ops", AuthProtocol::sha256, PrivProtocol::aes128),
                          test_user("signs", AuthProtocol::sha256, PrivProtocol::none)));
  const auto told = [&receiver](UsmUser user) {
    Sender sender(std::move(user));
    discover(receiver, sender);
    receiver.receive(sender.inform());
    const auto reply = take_report(receiver, sender);
    return reply ? std::string(name_of(reply->report)) : reply.error();
  };
  EXPECT_EQ(told(test_user("nobody", AuthProtocol::sha256, PrivProtocol::aes128)),
            "usmStatsUnknownUserNames");
  EXPECT_EQ(told(test_user("signs", AuthProtocol::sha256, PrivProtocol::aes128)),
            "usmStatsUnsupportedSecLevels");
  EXPECT_EQ(told(test_user("ops", AuthProtocol::sha1, PrivProtocol::aes128)),
            "usmStatsWrongDigests");
  UsmUser mistyped = test_user("ops", AuthProtocol::sha256, PrivProtocol::aes128);
  mistyped.keys[0] = master_keys(mistyped.auth, mistyped.priv, "a wrong password");
  EXPECT_EQ(told(std::move(mistyped)), "usmStatsWrongDigests");
}

TEST(Originator, RefusesForgedAndStrayAnswers) {
  Receiver receiver(users(test_user("ops", AuthProtocol::sha256, PrivProtocol::aes128)));
  Sender sender(test_user("ops", AuthProtocol::sha256, PrivProtocol::aes128));
  discover(receiver, sender);
  ASSERT_TRUE(receiver.receive(sender.inform()));
  const Octets response = receiver.response();
  const auto refusal = [&sender](const Octets& octets, base::BootTime now = kNow) {
    const auto reply = sender.originator.read(octets, now);
    return reply ? std::string("accepted") : reply.error();
  };
  for (std::size_t size = 0; size < response.size(); ++size) {
    EXPECT_NE(refusal({response.begin(), response.begin() + static_cast<long>(size)}), "accepted");
  }
  Octets forged = response;
  forged.back() ^= std::byte{1};
  EXPECT_EQ(refusal(forged), "its digest is wrong");
  EXPECT_EQ(refusal(response), "accepted");
  EXPECT_EQ(refusal(response, kNow + seconds(149)), "accepted");
  EXPECT_EQ(refusal(response, kNow + seconds(151)), "it is outside the time window");
  Sender other(test_user("ops", AuthProtocol::sha256, PrivProtocol::aes128));
  EXPECT_FALSE(other.originator.read(response, kNow));
  // Below the level of the question.
  PeerMessage plain = inform_to(receiver.engine);
  plain.flags = msg_flag::kAuth;
  plain.msg_id = sender.msg_id;
  plain.pdu = test_support::pdu_v2(0xa2, 1, {});
  EXPECT_EQ(refusal(written(sender.user, plain)),
            "it is a Response below the security level of its question");
  EXPECT_EQ(refusal(sender.inform()), "it is neither a Response nor a Report");
}

}  // namespace
}  // namespace trapline::protocol::usm
