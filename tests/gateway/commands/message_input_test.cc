#include "gateway/commands/message_input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/commands/capture_file.h"
#include "gateway/commands/hex_text.h"
#include "gateway/commands/packet_layers.h"

namespace trapline::gateway {
namespace {

using ::testing::ElementsAre;

// 30 03 02 01 01: the smallest thing that begins like a message.
constexpr std::string_view kMessage = "3003020101";

// UDP from port 0x1234 to 162.
std::string udp(std::string_view payload_hex, std::string_view port = "00a2") {
  const std::size_t length = 8 + payload_hex.size() / 2;
  const char* digits = "0123456789abcdef";
  return "1234" + std::string(port) + "00" + digits[length / 16] + digits[length % 16] + "0000" +
         std::string(payload_hex);
}

// 192.0.2.1 to 192.0.2.2; `payload` is of 13 octets (UDP with kMessage).
std::string ipv4(const std::string& payload) {
  return "45000021 00004000 40110000 c0000201 c0000202" + payload;
}

// 2001:db8::1 to 2001:db8::2.
std::string ipv6(const std::string& payload) {
  return "60000000 000d1140 20010db8000000000000000000000001 20010db8000000000000000000000002" +
         payload;
}

constexpr std::string_view kMacs = "020000000001020000000002";

std::vector<std::byte> octets(std::string_view hex) { return parse_hex(hex).value(); }

std::string found(std::string_view hex, std::uint32_t link_type) {
  const std::vector<std::byte> packet = octets(hex);
  const auto datagram = find_udp(packet, link_type);
  if (!datagram) return "none";
  return datagram->source.to_string() + " " + datagram->destination.to_string() + " " +
         std::to_string(datagram->payload.size());
}

TEST(PacketLayers, EveryLinkTypeOverIpv4) {
  const std::string ip = ipv4(udp(kMessage));
  const std::string expected = "192.0.2.1:4660 192.0.2.2:162 5";
  EXPECT_EQ(found(std::string(kMacs) + "0800" + ip, 1), expected);
  EXPECT_EQ(found(std::string(kMacs) + "81000005" + "0800" + ip, 1), expected);
  EXPECT_EQ(found(std::string(kMacs) + "88a80005" + "81000006" + "0800" + ip, 1), expected);
  EXPECT_EQ(found("0000000100060200000000010000"
                  "0800" +
                      ip,
                  113),
            expected);
  EXPECT_EQ(found("0800000000000001000100060200000000010000" + ip, 276), expected);
  EXPECT_EQ(found("02000000" + ip, 0), expected);
  EXPECT_EQ(found(ip, 101), expected);
  EXPECT_EQ(found(ip, 228), expected);
  EXPECT_EQ(found(ip, 147), "none");
}

TEST(PacketLayers, Ipv6WithAndWithoutExtensionHeaders) {
  const std::string expected = "[2001:db8::1]:4660 [2001:db8::2]:162 5";
  EXPECT_EQ(found(ipv6(udp(kMessage)), 101), expected);
  std::string extended = ipv6("1100000000000000" + udp(kMessage));
  extended.replace(9, 8, "00150040");  // 21 octets follow, the first header is hop-by-hop
  EXPECT_EQ(found(extended, 101), expected);
}

TEST(PacketLayers, FragmentsAndOtherProtocolsAreNone) {
  std::string fragment = ipv4(udp(kMessage));
  fragment.replace(fragment.find("4000 "), 4, "2000");
  EXPECT_EQ(found(fragment, 101), "none");
  std::string tcp = ipv4(udp(kMessage));
  tcp.replace(tcp.find("4011"), 4, "4006");
  EXPECT_EQ(found(tcp, 101), "none");
}

TEST(PacketLayers, TruncatedAtEveryByteIsNone) {
  for (const std::string& hex : {ipv4(udp(kMessage)), ipv6(udp(kMessage))}) {
    const std::vector<std::byte> packet = octets(hex);
    for (std::size_t size = 0; size < packet.size(); ++size) {
      const std::vector<std::byte> cut(packet.begin(),
                                       packet.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_FALSE(find_udp(cut, 101)) << size;
    }
  }
}

struct Seen {
  std::vector<std::string> messages;  // "place peer octets"
  InputSummary summary;
};

Seen see(base::Bytes input) {
  Seen seen;
  seen.summary = for_each_message(input, [&](const InputMessage& message) {
    seen.messages.push_back(message.place + " " + message.peer.to_string() + " " +
                            std::to_string(message.datagram.size()));
  });
  return seen;
}

// A classic pcap of raw IP with one packet of 33 octets, at 1.5 s.
std::string pcap_header(bool big_endian) {
  return big_endian ? "a1b2c3d4 0002 0004 00000000 00000000 0000ffff 00000065"
                    : "d4c3b2a1 0200 0400 00000000 00000000 ffff0000 65000000";
}

TEST(Capture, PcapInBothByteOrders) {
  const std::string big = "00000001 0007a120 00000021 00000021" + ipv4(udp(kMessage));
  const std::string little = "01000000 20a10700 21000000 21000000" + ipv4(udp(kMessage));
  for (const std::string& hex : {pcap_header(true) + big, pcap_header(false) + little}) {
    const std::vector<std::byte> file = octets(hex);
    CaptureReader reader{base::Bytes(file)};
    const auto packet = reader.next();
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->number, 1U);
    EXPECT_EQ(packet->time.time_since_epoch(), std::chrono::milliseconds(1'500));
    EXPECT_FALSE(reader.next());
    EXPECT_EQ(reader.problem(), "");
  }
}

// Section, interface (raw IP, nanoseconds), one enhanced packet at 1.5 s.
const std::string kPcapng =
    "0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000"
    "01000000 20000000 6500 0000 00000000 0900 0100 09000000 00000000 20000000";

TEST(Capture, PcapngWithItsClock) {
  const std::string packet = "06000000 44000000 00000000 00000000 002f6859 21000000 21000000" +
                             ipv4(udp(kMessage)) + "000000 44000000";
  const std::vector<std::byte> file = octets(kPcapng + packet);
  CaptureReader reader{base::Bytes(file)};
  const auto read = reader.next();
  ASSERT_TRUE(read) << reader.problem();
  EXPECT_EQ(read->link_type, 101U);
  EXPECT_EQ(read->time.time_since_epoch(), std::chrono::milliseconds(1'500));
  EXPECT_THAT(see(file).messages, ElementsAre("packet 1 192.0.2.1:4660 5"));
  EXPECT_EQ(see(file).summary.problem, "");
}

TEST(Capture, CutAnywhereItEndsAndSaysSo) {
  const std::string packet = "00000001 0007a120 00000021 00000021" + ipv4(udp(kMessage));
  const std::vector<std::byte> file = octets(pcap_header(true) + packet + packet);
  for (std::size_t size = 4; size < file.size(); ++size) {
    const Seen seen = see(base::Bytes(file).first(size));
    const bool whole = size == 24 || size == 24 + 16 + 33;
    EXPECT_EQ(seen.summary.problem.empty(), whole) << size;
    EXPECT_LE(seen.messages.size(), 1U);
  }
  EXPECT_THAT(see(file).messages, ::testing::SizeIs(2));
}

TEST(Capture, PacketsOfOtherKindsAreCountedOnly) {
  const std::string other = "00000001 00000000 00000021 00000021" + ipv4(udp("0102030405", "0035"));
  const Seen seen = see(octets(pcap_header(true) + other));
  EXPECT_TRUE(seen.messages.empty());
  EXPECT_EQ(seen.summary.skipped, 1U);
}

TEST(MessageInput, HexadecimalTextSplitsWhereAMessageEnds) {
  EXPECT_THAT(see(base::as_bytes("# two messages\n30 03\n02 01 01\n\n3003020102\n")).messages,
              ElementsAre("line 2 [::]:0 5", "line 5 [::]:0 5"));
}

TEST(MessageInput, OctetsBehindAMessageOnItsLineBelongToIt) {
  EXPECT_THAT(see(base::as_bytes("30030201010000\n3003020101\n")).messages,
              ElementsAre("line 1 [::]:0 7", "line 2 [::]:0 5"));
}

TEST(MessageInput, AMessageCutShortIsHandedOverAsItIs) {
  EXPECT_THAT(see(base::as_bytes("300302\n")).messages, ElementsAre("line 1 [::]:0 3"));
}

TEST(MessageInput, AnythingElseIsOneBinaryMessage) {
  EXPECT_THAT(see(octets("3003020101")).messages, ElementsAre(" [::]:0 5"));
  EXPECT_EQ(see({}).summary.problem, "the input is empty");
}

}  // namespace
}  // namespace trapline::gateway
