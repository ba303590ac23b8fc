#include "gateway/config/test_event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/journal/event_record.h"

namespace trapline::gateway {
namespace {

using protocol::ValueType;
using protocol::mib::MibIndex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// A notification decoded from the EVENT it was made.
struct Made {
  explicit Made(const TestNotification& sent) {
    auto encoded = encode_test_event(sent, MibIndex::built_in());
    if (!encoded) {
      problem = encoded.error();
      return;
    }
    payload = std::move(*encoded);
    journal::RecordView record;
    record.payload = payload;
    EXPECT_TRUE(journal::decode_event(record, scratch, message));
  }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& varbind : message.varbinds) {
      MibIndex::built_in().append_short_name(varbind.name, all.emplace_back());
    }
    return all;
  }
  [[nodiscard]] const protocol::Value& value(std::size_t i) const {
    return message.varbinds[i].value;
  }

  std::vector<std::byte> payload;
  protocol::DecodeScratch scratch;
  protocol::TrapMessage message;
  rules::SpecProblem problem;
};

TestNotification link_down(std::vector<TestVarBind> varbinds) {
  TestNotification sent;
  sent.trap.text = "IF-MIB::linkDown";
  sent.from = *base::IpAddress::parse("10.1.2.3");
  sent.varbinds = std::move(varbinds);
  return sent;
}

TestVarBind var(std::string_view name, std::string_view value, bool quoted = false) {
  TestVarBind made;
  made.name.text = name;
  made.name.place = {0, 1, 1};
  made.value = value;
  made.quoted = quoted;
  made.value_place = {0, 2, 2};
  return made;
}

TEST(TestEvent, ColumnsShareTheIndexAndScalarsAreZero) {
  const Made made(link_down({var("ifAdminStatus", "up"), var("ifIndex", "7"),
                             var("ifOperStatus.9", "2"), var("sysName", "core-1")}));
  EXPECT_EQ(made.message.agent.to_string(), "10.1.2.3");
  EXPECT_THAT(made.names(),
              ElementsAre("ifAdminStatus.7", "ifIndex.7", "ifOperStatus.9", "sysName.0"));
  EXPECT_EQ(made.value(0).as_signed(), 1);
  EXPECT_EQ(made.value(2).as_signed(), 2);
  EXPECT_EQ(made.value(3).type, ValueType::octet_string);
}

TEST(TestEvent, TypesByTheLookOfTheValue) {
  const Made made(link_down({var("1.3.6.1.4.1.9.1", "-5"), var("1.3.6.1.4.1.9.2", "4000000000"),
                             var("1.3.6.1.4.1.9.3", "5000000000"), var("1.3.6.1.4.1.9.4", "on"),
                             var("1.3.6.1.4.1.9.5", "5", true)}));
  EXPECT_EQ(made.value(0).as_signed(), -5);
  EXPECT_EQ(made.value(1).type, ValueType::gauge32);
  EXPECT_EQ(made.value(2).type, ValueType::counter64);
  EXPECT_EQ(made.value(3).type, ValueType::octet_string);
  EXPECT_EQ(made.value(4).type, ValueType::octet_string);
}

TEST(TestEvent, GivenTypes) {
  TestVarBind counter = var("1.3.6.1.4.1.9.1", "3");
  counter.type = "c";
  EXPECT_EQ(Made(link_down({counter})).value(0).type, ValueType::counter32);
}

TEST(TestEvent, EveryVersion) {
  TestNotification sent = link_down({var("ifIndex", "7")});
  sent.version = protocol::Version::v1;
  const Made v1(sent);
  EXPECT_EQ(v1.message.version, protocol::Version::v1);
  EXPECT_EQ(v1.message.generic, 2);
  EXPECT_EQ(v1.message.trap_oid, MibIndex::built_in().find("linkDown")->oid);
  EXPECT_EQ(v1.message.community, "public");
  sent.version = protocol::Version::v3;
  sent.pdu = protocol::PduKind::inform;
  sent.security_name = "noc";
  sent.security_level = protocol::SecurityLevel::auth_priv;
  const Made v3(sent);
  EXPECT_EQ(v3.message.pdu, protocol::PduKind::inform);
  EXPECT_EQ(v3.message.security.name, "noc");
  EXPECT_EQ(v3.message.security.level, protocol::SecurityLevel::auth_priv);
  EXPECT_THAT(v3.message.varbinds, SizeIs(1));
}

TEST(TestEvent, SaysWhatIsUnknownAndWhere) {
  EXPECT_THAT(Made(link_down({var("nonsense", "7")})).problem.message,
              HasSubstr("`nonsense` is not a name the MIB knows"));
  const Made wrong(link_down({var("ifAdminStatus", "upp")}));
  EXPECT_THAT(wrong.problem.message, HasSubstr("`upp` is not a whole number"));
  EXPECT_EQ(wrong.problem.place.line, 2U);
  TestNotification sent = link_down({});
  sent.trap.text = "IF-MIB::linkDwn";
  EXPECT_THAT(Made(sent).problem.message, HasSubstr("`IF-MIB::linkDwn` is not a notification"));
}

}  // namespace
}  // namespace trapline::gateway
