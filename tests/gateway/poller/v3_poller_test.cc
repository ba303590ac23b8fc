// Questions in SNMPv3: discovery, Reports, restarts and forgeries, against a scripted engine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/gateway/poller/scripted_engine.h"

namespace trapline::gateway {
namespace {

using namespace std::chrono_literals;
using test_support::hex;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kName = "1.3.6.1.2.1.1.5.0";
constexpr auto kSha256 = usm::AuthProtocol::sha256;
constexpr auto kAes128 = usm::PrivProtocol::aes128;

Device v3_device(usm::UsmUser user, Octets engine_id = {}) {
  Device device;
  device.address = *base::Endpoint::parse("192.0.2.1:161");
  auto access = std::make_shared<PollAccess>();
  access->version = protocol::Version::v3;
  access->v3.emplace();
  access->v3->level = user.highest_level();
  access->v3->user = std::move(user);
  access->v3->engine_id = std::move(engine_id);
  device.access = access;
  return device;
}

class V3PollerTest : public ::testing::Test {
 protected:
  void get() { get_from(device_); }
  void get_from(const Device& device) {
    network_.poller.get(device, oids({kName}),
                        [this](GetAnswer answer) { answers_.push_back(std::move(answer)); });
  }
  // Has the engine answer what was sent, and what is sent thereupon; says how much that was.
  std::size_t converse() {
    std::size_t requests = 0;
    for (; !network_.sent.empty() && requests < 100; ++requests) {
      network_.receive(device_.address, engine_.answer_to(network_.take().octets));
    }
    return requests;
  }
  // Answers so whatever is sent; says how much that was.
  std::size_t report_for_ever(const std::function<Octets(const OpenedRequest&)>& report) {
    std::size_t requests = 0;
    for (; !network_.sent.empty() && requests < 100; ++requests) {
      network_.receive(device_.address, report(engine_.open(network_.take().octets)));
    }
    return requests;
  }
  // The engine's identity and time are known from here on.
  void get_acquainted() {
    get();
    EXPECT_EQ(converse(), 2U);
    expect_answered();
  }
  void expect_answered() {
    ASSERT_FALSE(answers_.empty());
    EXPECT_EQ(answers_.back().outcome, GetOutcome::answered) << answers_.back().reason;
    ASSERT_EQ(answers_.back().values.size(), 1U);
    EXPECT_EQ(base::as_text(answers_.back().values[0].content), "core");
  }
  // Ends a question with one Report, and says how.
  std::string refused_with(UsmCounter counter) {
    get();
    const OpenedRequest request = engine_.open(network_.take().octets);
    network_.receive(device_.address, engine_.report_to(request, counter));
    if (answers_.empty()) return "no end";
    return std::string(name_of(answers_.back().outcome)) + ": " + answers_.back().reason;
  }
  // A question's answer, spoilt; it must not be taken, and the true one still be.
  void expect_refused(const std::string& why, const std::function<void(EngineMessage&)>& spoil) {
    SCOPED_TRACE(why);
    answers_.clear();
    get();
    const OpenedRequest request = engine_.open(network_.take().octets);
    EngineMessage bad = engine_.response_to(request);
    spoil(bad);
    const std::uint64_t malformed = counters().malformed;
    network_.receive(device_.address, engine_.written(bad));
    EXPECT_TRUE(answers_.empty());
    EXPECT_EQ(counters().malformed, malformed + 1);
    network_.receive(device_.address, engine_.written(engine_.response_to(request)));
    expect_answered();
    // Without the true one, the end says what came instead.
    answers_.clear();
    device_.retries = 0;
    get();
    const OpenedRequest second = engine_.open(network_.take().octets);
    bad = engine_.response_to(second);
    spoil(bad);
    network_.receive(device_.address, engine_.written(bad));
    network_.pass(1s);
    ASSERT_EQ(answers_.size(), 1U);
    EXPECT_EQ(answers_[0].outcome, GetOutcome::malformed);
    EXPECT_THAT(answers_[0].reason, HasSubstr(why));
    device_.retries = 1;
    answers_.clear();
    get_acquainted();
  }
  [[nodiscard]] const PollerCounters& counters() const { return network_.poller.counters(); }

  FakeNetwork network_;
  ScriptedEngine engine_{network_.clock, user_of("noc", kSha256, kAes128)};
  Device device_ = v3_device(user_of("noc", kSha256, kAes128));
  std::vector<GetAnswer> answers_;
};

TEST_F(V3PollerTest, LearnsEngineAndTimeFromOneReportAndKeepsThem) {
  get();
  const OpenedRequest probe = engine_.open(network_.sent.front().octets);
  EXPECT_TRUE(probe.engine_id.empty());
  EXPECT_EQ(probe.user, "");
  EXPECT_EQ(converse(), 2U);
  expect_answered();
  network_.pass(std::chrono::hours(100));
  get();
  EXPECT_EQ(converse(), 1U);
  expect_answered();
  EXPECT_EQ(counters().reports, 1U);
}

TEST_F(V3PollerTest, AnEngineThatIsNamedIsAskedForItsTimeAlone) {
  device_ = v3_device(user_of("noc", kSha256, kAes128), engine_.id);
  get();
  EXPECT_EQ(engine_.open(network_.sent.front().octets).engine_id, engine_.id);
  EXPECT_EQ(converse(), 2U);
  expect_answered();
}

TEST_F(V3PollerTest, AReportDoesNotTalkUsOutOfTheEngineThatIsNamed) {
  device_ = v3_device(user_of("noc", kSha256, kAes128), hex("80 00 1f 88 80 09 09 09 09"));
  for (int question = 0; question < 2; ++question) {
    get();
    EXPECT_EQ(engine_.open(network_.sent.front().octets).engine_id,
              hex("80 00 1f 88 80 09 09 09 09"));
    EXPECT_EQ(converse(), 1U);
    EXPECT_EQ(answers_.back().outcome, GetOutcome::report);
    EXPECT_THAT(answers_.back().reason, HasSubstr("leave --engine-id out"));
  }
}

TEST_F(V3PollerTest, QuestionsAskedBeforeTheEngineIsKnownAreAllAnswered) {
  for (int i = 0; i < 10; ++i) get();
  converse();
  ASSERT_EQ(answers_.size(), 10U);
  for (const GetAnswer& answer : answers_) EXPECT_EQ(answer.outcome, GetOutcome::answered);
}

TEST_F(V3PollerTest, ARebootedAgentIsResynchronisedWithinTheQuestion) {
  get_acquainted();
  network_.pass(1h);
  engine_.reboot();
  get();
  EXPECT_EQ(converse(), 2U);
  expect_answered();
  EXPECT_EQ(counters().retries, 0U);
  get();
  EXPECT_EQ(converse(), 1U);
}

TEST_F(V3PollerTest, AnAgentThatCountsItsBootsAnewIsAskedAnewByTheNextAttempt) {
  get_acquainted();
  engine_.boots = 1;
  engine_.started = network_.clock.boot();
  get();
  EXPECT_EQ(converse(), 1U);
  network_.pass(1s);
  EXPECT_EQ(converse(), 2U);
  expect_answered();
}

// Its Reports are not signed, as RFC 3414 §3.2 step 7 wants them.
TEST_F(V3PollerTest, AfterATimeThatDoesNotFitTheNextQuestionBeginsAnew) {
  get_acquainted();
  engine_.boots = 1;
  get();
  for (int i = 0; i < 2; ++i) {
    const OpenedRequest request = engine_.open(network_.take().octets);
    network_.receive(device_.address, engine_.report_to(request, UsmCounter::not_in_time_windows));
  }
  ASSERT_EQ(answers_.size(), 2U);
  EXPECT_EQ(answers_[1].outcome, GetOutcome::report);
  EXPECT_THAT(answers_[1].reason, StartsWith("usmStatsNotInTimeWindows: "));
  get();
  EXPECT_EQ(converse(), 2U);
  expect_answered();
}

TEST_F(V3PollerTest, AnotherEngineAtTheSameAddressIsLearnt) {
  get_acquainted();
  engine_.id = hex("80 00 1f 88 80 0a 0b 0c 0d 0e");
  engine_.boots = 1;
  get();
  EXPECT_EQ(converse(), 2U);
  expect_answered();
}

TEST_F(V3PollerTest, AReportThatRefusesEndsTheQuestionAndSaysWhatToCorrect) {
  get_acquainted();
  const std::uint64_t sent = counters().sent;
  EXPECT_EQ(refused_with(UsmCounter::wrong_digests).substr(0, 30),
            "report: usmStatsWrongDigests: ");
  EXPECT_THAT(answers_.back().reason, HasSubstr("--auth-password"));
  EXPECT_THAT(refused_with(UsmCounter::unknown_user_names),
              HasSubstr("usmStatsUnknownUserNames: it has no user `noc`"));
  EXPECT_THAT(refused_with(UsmCounter::decryption_errors), HasSubstr("--priv-password"));
  EXPECT_THAT(refused_with(UsmCounter::unsupported_sec_levels),
              HasSubstr("it does not take authPriv from user `noc`"));
  EXPECT_EQ(counters().sent, sent + 4);
  get();
  EXPECT_EQ(converse(), 1U);
  expect_answered();
}

TEST_F(V3PollerTest, AConformingEngineRefusesWhatIsMistyped) {
  const auto refusal = [this](usm::UsmUser user) {
    get_from(v3_device(std::move(user)));
    EXPECT_EQ(converse(), 2U);
    return answers_.back().reason;
  };
  EXPECT_THAT(refusal(user_of("noc", kSha256, kAes128, "a wrong password")),
              StartsWith("usmStatsWrongDigests"));
  EXPECT_THAT(refusal(user_of("nobody", kSha256, kAes128)), StartsWith("usmStatsUnknownUserNames"));
  usm::UsmUser wrong_priv = user_of("noc", kSha256, kAes128, "a wrong password");
  wrong_priv.keys[0].auth = std::move(user_of("noc", kSha256, kAes128).keys[0].auth);
  EXPECT_THAT(refusal(std::move(wrong_priv)), StartsWith("usmStatsDecryptionErrors"));
}

TEST_F(V3PollerTest, AReportFromAnotherAddressTeachesAndEndsNothing) {
  get();
  const SentDatagram probe = network_.take();
  ScriptedEngine forger(network_.clock, user_of("noc", kSha256, kAes128));
  forger.id = hex("80 00 1f 88 80 66 66 66 66");
  for (const char* from : {"192.0.2.66:161", "192.0.2.1:162"}) {
    network_.receive(*base::Endpoint::parse(from), forger.answer_to(probe.octets));
  }
  EXPECT_EQ(counters().wrong_source, 2U);
  EXPECT_TRUE(network_.sent.empty());
  network_.receive(device_.address, engine_.answer_to(probe.octets));
  EXPECT_EQ(engine_.open(network_.sent.front().octets).engine_id, engine_.id);
  EXPECT_EQ(converse(), 1U);
  expect_answered();
}

TEST_F(V3PollerTest, AReportToAMessageWeDidNotSendIsUnmatched) {
  get();
  OpenedRequest probe = engine_.open(network_.sent.front().octets);
  probe.msg_id ^= 1;
  network_.receive(device_.address, engine_.report_to(probe, UsmCounter::unknown_engine_ids));
  EXPECT_EQ(counters().unmatched, 1U);
  EXPECT_EQ(network_.sent.size(), 1U);
  EXPECT_EQ(converse(), 2U);
  expect_answered();
}

TEST_F(V3PollerTest, AResponseThatIsNotTheAnswerIsNotTaken) {
  get_acquainted();
  expect_refused("signed in the name of another user",
                 [](EngineMessage& message) { message.user = "root"; });
  expect_refused("signed in the name of another engine",
                 [](EngineMessage& message) { message.engine_id.back() ^= std::byte{1}; });
  expect_refused("below the security level",
                 [](EngineMessage& message) { message.flags = protocol::msg_flag::kAuth; });
  expect_refused("below the security level", [](EngineMessage& message) { message.flags = 0; });
  expect_refused("to another request-id",
                 [](EngineMessage& message) { message.pdu.at(5) ^= std::byte{1}; });
  expect_refused("outside the time window", [](EngineMessage& message) { --message.boots; });
  expect_refused("outside the time window", [](EngineMessage& message) { message.time -= 200; });
  expect_refused("of another context",
                 [](EngineMessage& message) { message.context_name = "vlan-7"; });
  expect_refused("of another context",
                 [](EngineMessage& message) { message.context_engine_id.back() ^= std::byte{1}; });
  expect_refused("neither a Response nor a Report",
                 [](EngineMessage& message) { message.pdu[0] = std::byte{0xa0}; });
}

TEST_F(V3PollerTest, AResponseToAnotherMessageIsUnmatched) {
  get_acquainted();
  get();
  EngineMessage message = engine_.response_to(engine_.open(network_.take().octets));
  message.msg_id ^= 1;
  network_.receive(device_.address, engine_.written(message));
  EXPECT_EQ(counters().unmatched, 1U);
  EXPECT_EQ(answers_.size(), 1U);
}

TEST_F(V3PollerTest, OneOctetChangedAnywhereIsNotTaken) {
  get_acquainted();
  answers_.clear();
  get();
  const Octets good = engine_.answer_to(network_.take().octets);
  for (std::size_t at = 0; at < good.size(); ++at) {
    Octets bad = good;
    bad[at] ^= std::byte{0x10};
    network_.receive(device_.address, bad);
    ASSERT_TRUE(answers_.empty()) << at;
  }
  network_.receive(device_.address, good);
  expect_answered();
}

TEST_F(V3PollerTest, WithoutAuthenticationEngineAndUserMustStillBeThoseAsked) {
  const auto open_user = [] {
    return user_of("open", usm::AuthProtocol::none, usm::PrivProtocol::none);
  };
  device_ = v3_device(open_user());
  ScriptedEngine engine(network_.clock, open_user());
  get();
  network_.receive(device_.address, engine.answer_to(network_.take().octets));
  const OpenedRequest request = engine.open(network_.take().octets);
  EngineMessage bad = engine.response_to(request);
  bad.user = "root";
  network_.receive(device_.address, engine.written(bad));
  bad = engine.response_to(request);
  bad.engine_id.back() ^= std::byte{1};
  network_.receive(device_.address, engine.written(bad));
  EXPECT_TRUE(answers_.empty());
  EXPECT_EQ(counters().malformed, 2U);
  network_.receive(device_.address, engine.written(engine.response_to(request)));
  expect_answered();
}

TEST_F(V3PollerTest, AnotherEngineIdEachTimeEndsTheQuestion) {
  get();
  EXPECT_EQ(report_for_ever([this](const OpenedRequest& request) {
              engine_.id.back() ^= std::byte{0xff};
              return engine_.report_to(request, UsmCounter::unknown_engine_ids);
            }),
            3U);
  ASSERT_EQ(answers_.size(), 1U);
  EXPECT_EQ(answers_[0].outcome, GetOutcome::report);
  EXPECT_THAT(answers_[0].reason, StartsWith("usmStatsUnknownEngineIDs"));
}

TEST_F(V3PollerTest, AnotherTimeEachTimeEndsTheQuestion) {
  get();
  EXPECT_EQ(report_for_ever([this](const OpenedRequest& request) {
              ++engine_.boots;
              if (request.engine_id.empty()) {
                return engine_.report_to(request, UsmCounter::unknown_engine_ids);
              }
              return engine_.report_to(request, UsmCounter::not_in_time_windows, 1);
            }),
            3U);
  ASSERT_EQ(answers_.size(), 1U);
  EXPECT_EQ(answers_[0].outcome, GetOutcome::report);
  EXPECT_THAT(answers_[0].reason, StartsWith("usmStatsNotInTimeWindows"));
}

TEST_F(V3PollerTest, AnEngineIdThatIsNoneTeachesNothing) {
  for (const std::size_t size : {0U, 4U, 33U}) {
    engine_.id = Octets(size, std::byte{0x80});
    get();
    EXPECT_EQ(report_for_ever([this](const OpenedRequest& request) {
                EXPECT_TRUE(request.engine_id.empty());
                return engine_.report_to(request, UsmCounter::unknown_engine_ids);
              }),
              2U);
    EXPECT_EQ(answers_.back().outcome, GetOutcome::report) << size;
  }
}

TEST_F(V3PollerTest, TheAnswerToTheFirstAttemptIsTakenAfterTheSecond) {
  get_acquainted();
  get();
  const SentDatagram first = network_.take();
  network_.pass(1s);
  const SentDatagram second = network_.take();
  EXPECT_NE(engine_.open(first.octets).msg_id, engine_.open(second.octets).msg_id);
  network_.receive(device_.address, engine_.answer_to(first.octets));
  EXPECT_EQ(answers_.size(), 2U);
  expect_answered();
  network_.receive(device_.address, engine_.answer_to(second.octets));
  EXPECT_EQ(counters().duplicates, 1U);
  EXPECT_EQ(answers_.size(), 2U);
}

// As net-snmp's agent does with a text that its key does not open.
TEST_F(V3PollerTest, SilenceAfterDiscoverySaysWhatItMayMean) {
  get();
  network_.receive(device_.address, engine_.answer_to(network_.take().octets));
  network_.pass(3s);
  ASSERT_EQ(answers_.size(), 1U);
  EXPECT_EQ(answers_[0].outcome, GetOutcome::no_answer);
  EXPECT_THAT(answers_[0].reason, HasSubstr("a wrong privacy protocol, privacy password or"));
}

TEST_F(V3PollerTest, SilenceIsNoAnswerAndWhatComesThenIsLate) {
  get();
  const SentDatagram probe = network_.take();
  network_.pass(2s);
  ASSERT_EQ(answers_.size(), 1U);
  EXPECT_EQ(answers_[0].outcome, GetOutcome::no_answer);
  EXPECT_EQ(answers_[0].reason, "no answer to 2 attempt(s) of 1000 ms");
  network_.receive(device_.address, engine_.answer_to(probe.octets));
  EXPECT_EQ(counters().late, 1U);
}

}  // namespace
}  // namespace trapline::gateway
