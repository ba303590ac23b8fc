// The parts of `send` that talk to the network.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/commands/hex_text.h"
#include "gateway/commands/inform_exchange.h"
#include "gateway/commands/udp_target.h"
#include "protocol/error_status.h"

namespace trapline::gateway {
namespace {

std::string target_of(std::string_view text) {
  const auto target = parse_udp_target(text);
  return target ? target->host + " " + std::to_string(target->port) : "no";
}

TEST(UdpTarget, NamesAndAddressesWithAndWithoutPort) {
  EXPECT_EQ(target_of("nms.example.net"), "nms.example.net 162");
  EXPECT_EQ(target_of("nms.example.net:1162"), "nms.example.net 1162");
  EXPECT_EQ(target_of("192.0.2.1:1"), "192.0.2.1 1");
  EXPECT_EQ(target_of("2001:db8::1"), "2001:db8::1 162");
  EXPECT_EQ(target_of("[2001:db8::1]"), "2001:db8::1 162");
  EXPECT_EQ(target_of("[2001:db8::1]:65535"), "2001:db8::1 65535");
}

TEST(UdpTarget, RefusesWhatIsNone) {
  for (const char* text :
       {"", ":162", "host:", "host:0", "host:65536", "host:x", "[::1]x", "[::1]:"}) {
    EXPECT_EQ(target_of(text), "no") << text;
  }
}

TEST(UdpTarget, ConnectsAndKnowsBothEnds) {
  const auto socket = ConnectedUdpSocket::open({"127.0.0.1", 9});
  ASSERT_TRUE(socket) << socket.error();
  EXPECT_EQ(socket->peer().to_string(), "127.0.0.1:9");
  EXPECT_EQ(socket->local().ip.to_string(), "127.0.0.1");
}

// A v2c message, community public, PDU 0xa2: request-id 0x01020304, error-status 5, error-index 2,
// no varbinds.
constexpr std::string_view kResponse =
    "301b 020101 0406 7075626c6963 a20e 0204 01020304 020105 020102 3000";

TEST(InformResponse, FieldsOfAResponse) {
  const auto octets = parse_hex(kResponse);
  ASSERT_TRUE(octets);
  const auto response = read_inform_response(*octets);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->request_id, 0x01020304);
  EXPECT_EQ(response->error_status, 5);
  EXPECT_EQ(response->error_index, 2);
}

TEST(InformResponse, AnythingElseIsNone) {
  auto octets = parse_hex(kResponse);
  ASSERT_TRUE(octets);
  for (std::size_t size = 0; size + 2 < octets->size(); ++size) {
    EXPECT_FALSE(read_inform_response(base::Bytes(*octets).first(size))) << size;
  }
  octets->at(13) = std::byte{0xa6};
  EXPECT_FALSE(read_inform_response(*octets));
}

TEST(InformResponse, ErrorStatusByName) {
  EXPECT_EQ(protocol::error_status_name(0), "noError");
  EXPECT_EQ(protocol::error_status_name(5), "genErr");
  EXPECT_EQ(protocol::error_status_name(18), "inconsistentName");
  EXPECT_EQ(protocol::error_status_name(19), "19");
  EXPECT_EQ(protocol::error_status_name(-1), "-1");
}

TEST(InformExchange, GivesUpWhenNobodyAnswers) {
  // Port 9 (discard): nobody listens there in a test's machine; what listens would not answer.
  const auto socket = ConnectedUdpSocket::open({"127.0.0.1", 9});
  ASSERT_TRUE(socket);
  const auto result =
      exchange_inform(*socket, base::as_bytes("x"), 1, std::chrono::milliseconds(1), 2);
  EXPECT_FALSE(result.response);
  EXPECT_EQ(result.attempts, 3U);
}

TEST(HexText, AsPeopleAndToolsWriteIt) {
  const std::vector<std::byte> expected = {std::byte{0x30}, std::byte{0x0a}};
  for (const char* text : {"300a", "30 0A", "30:0a", "0x300a", "0x30, 0x0a", " 30\n0a\n"}) {
    EXPECT_EQ(parse_hex(text), expected) << text;
  }
  for (const char* text : {"3", "30 a", "zz", "30 0x", "3 00a"}) {
    EXPECT_NE(parse_hex(text), expected) << text;
  }
}

}  // namespace
}  // namespace trapline::gateway
