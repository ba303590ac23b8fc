#include "gateway/load/notification_template.h"

#include <gtest/gtest.h>

#include "protocol/decode.h"
#include "protocol/encode.h"

namespace trapline::gateway::load {
namespace {

// A decoded copy of a template.
class DecodedCopy {
 public:
  DecodedCopy(const LoadOptions& options, const Identity& identity) {
    const NotificationTemplate message(options);
    datagram_.assign(message.bytes().begin(), message.bytes().end());
    message.patch(datagram_, identity);
    const auto result = protocol::decode(datagram_, protocol::kHighestMaxVarbinds, scratch_);
    if (result) decoded_ = *result;
  }

  [[nodiscard]] base::Bytes datagram() const { return datagram_; }
  [[nodiscard]] bool valid() const { return !decoded_.pdu.empty(); }
  [[nodiscard]] const protocol::TrapMessage& message() const { return decoded_.message; }
  [[nodiscard]] std::optional<Mark> mark() const { return find_mark(base::as_text(datagram_)); }

 private:
  std::vector<std::byte> datagram_;
  protocol::DecodeScratch scratch_;
  protocol::Decoded decoded_;
};

TEST(NotificationTemplate, IsALinkDownOfSixVarbindsAnd167Octets) {
  const DecodedCopy copy({}, {kLeastRequestId, 0, 0});
  ASSERT_TRUE(copy.valid());
  EXPECT_EQ(copy.datagram().size(), 167U);
  EXPECT_EQ(copy.message().raw_varbinds.size(), 6U);
  EXPECT_EQ(copy.message().trap_oid.to_string(), "1.3.6.1.6.3.1.1.5.3");
  EXPECT_EQ(copy.message().pdu, protocol::PduKind::trap);
  EXPECT_TRUE(copy.message().flags.empty());
}

TEST(NotificationTemplate, CarriesTheIdentityAndNothingElseChanges) {
  LoadOptions options;
  options.kind = protocol::PduKind::inform;
  options.run = 0xcafe'f00d;
  const DecodedCopy copy(options, {0x7fff'ffff, 0x1ff, 0xffff'fffe});
  ASSERT_TRUE(copy.valid());
  EXPECT_EQ(copy.datagram().size(), 167U);
  EXPECT_EQ(copy.message().request_id, 0x7fff'ffff);
  EXPECT_EQ(copy.message().pdu, protocol::PduKind::inform);
  EXPECT_EQ(copy.mark(), (Mark{0xcafe'f00d, 0x1ff, 0xffff'fffe}));
}

TEST(NotificationTemplate, HasAsManyVarbindsAsAsked) {
  for (const unsigned varbinds : {3U, 4U, 5U, 7U, 40U, 256U}) {
    LoadOptions options;
    options.varbinds = varbinds;
    const DecodedCopy copy(options, {kLeastRequestId, 3, 4});
    ASSERT_TRUE(copy.valid());
    EXPECT_EQ(copy.message().raw_varbinds.size(), varbinds);
    EXPECT_EQ(copy.mark(), (Mark{0, 3, 4}));
    EXPECT_TRUE(copy.message().flags.empty());
  }
}

TEST(NotificationTemplate, AsV1IsATrapPdu) {
  LoadOptions options;
  options.version = protocol::Version::v1;
  const DecodedCopy copy(options, {kLeastRequestId, 3, 4});
  ASSERT_TRUE(copy.valid());
  EXPECT_EQ(copy.message().version, protocol::Version::v1);
  EXPECT_EQ(copy.message().generic, 2);
  EXPECT_EQ(copy.message().trap_oid.to_string(), "1.3.6.1.6.3.1.1.5.3");
  EXPECT_EQ(copy.mark(), (Mark{0, 3, 4}));
}

TEST(ResponseRequestId, IsThatOfTheInformAnswered) {
  LoadOptions options;
  options.kind = protocol::PduKind::inform;
  const DecodedCopy copy(options, {0x4123'4567, 0, 0});
  std::vector<std::byte> response(copy.datagram().size() + 16);
  response.resize(protocol::encode_response(copy.datagram(), response));
  EXPECT_EQ(response_request_id(response), 0x4123'4567);
  for (std::size_t size = 0; size < 20; ++size) {
    EXPECT_EQ(response_request_id(base::Bytes(response).first(size)), std::nullopt);
  }
}

TEST(ResponseRequestId, IsNothingForWhatIsNoResponse) {
  const DecodedCopy trap({}, {kLeastRequestId, 0, 0});
  EXPECT_EQ(response_request_id(trap.datagram()), std::nullopt);
}

}  // namespace
}  // namespace trapline::gateway::load
