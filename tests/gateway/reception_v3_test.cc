#include <deque>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/engine_store.h"
#include "gateway/reception.h"
#include "protocol/encode.h"
#include "protocol/usm/originator.h"
#include "tests/support/fake_clock.h"
#include "tests/support/recording_journal.h"

namespace trapline::gateway {
namespace {

using namespace std::chrono_literals;
namespace usm = protocol::usm;
using protocol::PduKind;
using ::testing::HasSubstr;
using Octets = std::vector<std::byte>;

Octets octets(std::initializer_list<int> values) {
  Octets out;
  for (const int value : values) out.push_back(static_cast<std::byte>(value));
  return out;
}

usm::UsmUser user(std::string name, std::string_view auth_password,
                  std::string_view priv_password = "priv-canary") {
  usm::UsmUser made;
  made.name = std::move(name);
  made.auth = usm::AuthProtocol::sha256;
  made.priv = usm::PrivProtocol::aes128;
  made.keys.push_back({usm::password_to_key(base::as_bytes(auth_password), made.auth),
                       usm::password_to_key(base::as_bytes(priv_password), made.auth)});
  made.least_level = protocol::SecurityLevel::auth_priv;
  return made;
}

// The PDU of a linkDown, as it stands in a v2c message.
Octets pdu(PduKind kind, std::int32_t request_id) {
  protocol::Notification notification;
  notification.pdu = kind;
  notification.request_id = request_id;
  const auto trap_oid = *protocol::Oid::parse("1.3.6.1.6.3.1.1.5.3");
  notification.trap_oid = trap_oid;
  Octets message;
  protocol::encode_v2c(notification, base::as_bytes("x"), message);
  constexpr std::size_t kInFront = 2 + 3 + 3;  // the message's tag and length, version, community
  return {message.begin() + kInFront, message.end()};
}

class Port final : public DatagramPort {
 public:
  [[nodiscard]] std::span<const Datagram> receive(std::chrono::milliseconds) override { return {}; }
  std::size_t send(std::span<const Reply> replies) override {
    for (const Reply& reply : replies)
      sent.emplace_back(reply.payload.begin(), reply.payload.end());
    return replies.size();
  }
  std::deque<Octets> sent;
};

class ReceptionV3 : public ::testing::Test {
 protected:
  ReceptionV3() {
    std::vector<usm::UsmUser> users;
    users.push_back(user("noc", "auth-canary"));
    config_.v3.users = usm::UserTable(std::move(users));
    own_.id = octets({0x80, 0, 0, 0, 5, 1, 2, 3, 4, 5, 6, 7});
    own_.boots = 3;
    own_.started = clock_.boot() - 1'000s;
    remote_.id = octets({0x80, 0, 0x1f, 0x88, 0x80, 9, 9, 9, 9});
    remote_.boots = 8;
    remote_.started = clock_.boot() - 5'000s;
    shared_.v3 = &v3_;
    reception_ = std::make_unique<Reception>(shared_, "front", port_);
  }

  void receive(const Octets& message, std::string_view peer = "10.0.0.1:5000") {
    Datagram datagram;
    datagram.payload = message;
    datagram.peer = *base::Endpoint::parse(peer);
    datagram.local = *base::Endpoint::parse("10.0.0.254:162");
    reception_->process({&datagram, 1}, false);
    EXPECT_EQ(ledger_.counts().difference(), 0);
  }
  [[nodiscard]] std::uint64_t refused(RefusalReason reason) const {
    return ledger_.counts().refused[static_cast<std::size_t>(reason)];
  }
  [[nodiscard]] std::string log_text() const {
    std::string all;
    for (const auto& line : lines_) all += line;
    return all;
  }
  Octets trap_of(usm::Originator& originator, std::int32_t id) {
    originator.be_authoritative(remote_);
    Octets message;
    originator.write(id, pdu(PduKind::trap, id), false, clock_.boot(), message);
    return message;
  }
  // Takes what reception sent back to the originator.
  base::Result<usm::V3Reply, std::string> answer(usm::Originator& originator) {
    if (port_.sent.empty()) return std::string("nothing was sent");
    last_ = std::move(port_.sent.front());
    port_.sent.pop_front();
    return originator.read(last_, clock_.boot());
  }

  Config config_;
  test_support::FakeClock clock_;
  test_support::RecordingJournal journal_;
  std::deque<std::string> lines_;
  base::Log log_{base::LogFormat::logfmt, base::LogLevel::debug, clock_,
                 [this](std::string_view line) { lines_.emplace_back(line); }};
  Access access_{config_};
  InformDuplicates duplicates_{150s, 1'000};
  Ledger ledger_;
  EngineStore engines_{clock_};
  usm::LocalEngine own_;
  usm::LocalEngine remote_;
  usm::SaltCounters salts_;
  usm::UsmStats stats_;
  ReportBudget budget_{1};
  const V3Reception v3_{{config_.v3.users, own_, engines_, salts_, stats_}, budget_};
  ReceptionShared shared_{config_, access_, journal_, duplicates_, ledger_, clock_, log_, 1, 2};
  Port port_;
  std::unique_ptr<Reception> reception_;
  usm::UsmUser noc_ = user("noc", "auth-canary");
  usm::OriginatorOptions auth_priv_{protocol::SecurityLevel::auth_priv, "vlan-7", {}};
  Octets last_;
};

TEST_F(ReceptionV3, ATrapOfAnEngineNeverSeenIsStoredInTheClearAndNeverAnswered) {
  usm::Originator originator(noc_, salts_, auth_priv_);
  receive(trap_of(originator, 1));
  ASSERT_EQ(journal_.event_payloads().size(), 1U) << log_text();
  journal::RecordView record;
  record.payload = journal_.event_payloads()[0];
  protocol::DecodeScratch scratch;
  protocol::TrapMessage message;
  ASSERT_TRUE(journal::decode_event(record, scratch, message));
  EXPECT_EQ(message.version, protocol::Version::v3);
  EXPECT_EQ(message.security.name, "noc");
  EXPECT_EQ(message.security.level, protocol::SecurityLevel::auth_priv);
  EXPECT_EQ(message.security.context_name, "vlan-7");
  EXPECT_EQ(message.security.engine_boots, 8);
  EXPECT_EQ(message.security.engine_time, 5'000);
  EXPECT_EQ(message.trap_oid, *protocol::Oid::parse("1.3.6.1.6.3.1.1.5.3"));
  EXPECT_TRUE(port_.sent.empty());
  const auto engine = journal::event_engine(record);
  ASSERT_TRUE(engine);
  EXPECT_EQ(engine->boots, 8);
}

TEST_F(ReceptionV3, DiscoveryTimeInformAndAResend) {
  usm::Originator originator(noc_, salts_, auth_priv_);
  Octets probe;
  originator.write_probe(1, probe);
  receive(probe);
  ASSERT_TRUE(answer(originator));
  EXPECT_FALSE(originator.needs_discovery());
  EXPECT_EQ(ledger_.counts().protocol, 1U);
  Octets inform;
  originator.write(2, pdu(PduKind::inform, 77), true, clock_.boot(), inform);
  receive(inform);
  EXPECT_TRUE(port_.sent.empty()) << "not before the commit";
  journal_.commit();
  const auto response = answer(originator);
  ASSERT_TRUE(response) << response.error();
  EXPECT_EQ(response->kind, usm::ReplyKind::response);
  Octets again;  // a resend has a msgID, a salt and a digest of its own
  originator.write(3, pdu(PduKind::inform, 77), true, clock_.boot(), again);
  receive(again);
  journal_.commit();
  EXPECT_TRUE(answer(originator));
  EXPECT_EQ(ledger_.counts().accepted, 1U);
  EXPECT_EQ(ledger_.counts().duplicate, 1U);
}

TEST_F(ReceptionV3, RefusalsAreCountedLoggedAndSecretsAreNot) {
  const usm::UsmUser wrong = user("noc", "wrong-canary");
  const usm::UsmUser stranger = user("stranger", "auth-canary");
  const usm::UsmUser garbled = user("noc", "auth-canary", "garbled-canary");
  usm::OriginatorOptions low{protocol::SecurityLevel::auth_no_priv, "", {}};
  usm::Originator by_wrong(wrong, salts_, auth_priv_);
  usm::Originator by_stranger(stranger, salts_, auth_priv_);
  usm::Originator by_garbled(garbled, salts_, auth_priv_);
  usm::Originator by_low(noc_, salts_, low);
  receive(trap_of(by_wrong, 1));
  receive(trap_of(by_stranger, 2));
  receive(trap_of(by_garbled, 3));
  receive(trap_of(by_low, 4));
  EXPECT_EQ(refused(RefusalReason::wrong_digest), 1U);
  EXPECT_EQ(refused(RefusalReason::unknown_user), 1U);
  EXPECT_EQ(refused(RefusalReason::unreadable_plaintext), 1U);
  EXPECT_EQ(refused(RefusalReason::level_too_low), 1U);
  EXPECT_TRUE(port_.sent.empty()) << "never a Report to a trap";
  EXPECT_TRUE(journal_.event_payloads().empty());
  EXPECT_THAT(log_text(), HasSubstr("reception.v3_refused"));
  EXPECT_THAT(log_text(), HasSubstr("reason=wrong_digest"));
  EXPECT_THAT(log_text(), HasSubstr("engine_id=80001f888009090909"));
  EXPECT_THAT(log_text(), ::testing::Not(HasSubstr("canary")));
}

TEST_F(ReceptionV3, AReplayIsRefusedOnceTheWindowHasPassed) {
  usm::Originator originator(noc_, salts_, auth_priv_);
  const Octets trap = trap_of(originator, 1);
  receive(trap);
  clock_.advance(149s);
  receive(trap);
  clock_.advance(2s);
  receive(trap);
  EXPECT_EQ(journal_.event_payloads().size(), 2U);
  EXPECT_EQ(refused(RefusalReason::not_in_time_window), 1U);
  EXPECT_THAT(log_text(), HasSubstr("trapline v3 forget"));
}

TEST_F(ReceptionV3, ProbesBeyondTheBudgetGetNoAnswer) {
  usm::Originator originator(noc_, salts_, auth_priv_);
  for (std::int32_t i = 1; i <= 50; ++i) {
    Octets probe;
    originator.write_probe(i, probe);
    receive(probe);
  }
  EXPECT_EQ(port_.sent.size(), ReportBudget::kPerSourcePerSec);
  EXPECT_EQ(ledger_.counts().reports, 10U);
  EXPECT_EQ(ledger_.counts().reports_withheld, 40U);
}

TEST_F(ReceptionV3, AfterOurRestartEveryKnownSenderIsToldTheTimeAtOnce) {
  usm::Originator originator(noc_, salts_, auth_priv_);
  Octets probe;
  originator.write_probe(1, probe);
  receive(probe);
  ASSERT_TRUE(answer(originator));
  own_.boots = 4;
  own_.started = clock_.boot();
  reception_ = std::make_unique<Reception>(shared_, "front", port_);
  for (std::int32_t i = 0; i < 100; ++i) {
    Octets stale;
    originator.write(10 + i, pdu(PduKind::inform, i), true, clock_.boot(), stale);
    receive(stale);
  }
  EXPECT_EQ(port_.sent.size(), 100U) << "authenticated: no budget holds them back";
  const auto report = answer(originator);
  ASSERT_TRUE(report) << report.error();
  EXPECT_EQ(report->report, usm::ReportKind::not_in_time_window);
  EXPECT_THAT(log_text(), HasSubstr("level=info id=reception.v3_time_told"));
  EXPECT_THAT(log_text(), ::testing::Not(HasSubstr("forget")));
  port_.sent.clear();
  Octets inform;
  originator.write(200, pdu(PduKind::inform, 5), true, clock_.boot(), inform);
  receive(inform);
  journal_.commit();
  const auto response = answer(originator);
  ASSERT_TRUE(response) << response.error();
  EXPECT_EQ(response->kind, usm::ReplyKind::response);
}

}  // namespace
}  // namespace trapline::gateway
