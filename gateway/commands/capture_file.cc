// pcap: a header of 24 octets, then per packet 16 octets (seconds, fraction, kept, original length)
// and the packet. pcapng: blocks of type, length, body, length; section (SHB), interface (IDB) and
// packet (EPB, SPB) blocks matter here.
#include "gateway/commands/capture_file.h"

#include <algorithm>

namespace trapline::gateway {
namespace {

constexpr std::uint32_t kPcapMicroseconds = 0xa1b2c3d4;
constexpr std::uint32_t kPcapNanoseconds = 0xa1b23c4d;
constexpr std::uint32_t kSectionBlock = 0x0a0d0d0a;
constexpr std::uint32_t kInterfaceBlock = 1;
constexpr std::uint32_t kSimplePacketBlock = 3;
constexpr std::uint32_t kEnhancedPacketBlock = 6;
constexpr std::uint32_t kByteOrderMagic = 0x1a2b3c4d;
constexpr std::uint16_t kTimeResolutionOption = 9;
constexpr std::size_t kPcapHeaderBytes = 24;
constexpr std::size_t kPcapPacketBytes = 16;
constexpr std::size_t kBlockFrameBytes = 12;
constexpr std::uint32_t kMaxPacketBytes = 1U << 20;
constexpr std::uint64_t kMillion = 1'000'000;
constexpr std::uint64_t kBillion = 1'000'000'000;
constexpr std::size_t kMostInterfaces = 4'096;

std::uint32_t number(base::Bytes octets, std::size_t at, std::size_t size, bool big_endian) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t from = big_endian ? at + i : at + size - 1 - i;
    value = (value << 8) | std::to_integer<std::uint32_t>(octets[from]);
  }
  return value;
}

bool is_pcap_magic(std::uint32_t magic) {
  return magic == kPcapMicroseconds || magic == kPcapNanoseconds;
}

base::WallTime wall_time(std::uint64_t ticks, std::uint64_t ticks_per_sec) {
  const std::uint64_t secs = ticks / ticks_per_sec;
  // Below one second of ticks; the fraction of 2^63 ticks a second is of no use to anybody.
  const auto fraction = static_cast<double>(ticks % ticks_per_sec);
  const double ns = fraction * static_cast<double>(kBillion) / static_cast<double>(ticks_per_sec);
  constexpr std::uint64_t kLatestSecs = 9'000'000'000;  // fits nanoseconds in 63 bits
  return base::WallTime(std::chrono::seconds(std::min(secs, kLatestSecs)) +
                        std::chrono::nanoseconds(static_cast<std::int64_t>(ns)));
}

std::uint64_t power(std::uint64_t base, unsigned exponent) {
  std::uint64_t value = 1;
  for (unsigned i = 0; i < exponent; ++i) value *= base;
  return value;
}

}  // namespace

bool CaptureReader::is_capture(base::Bytes file) {
  if (file.size() < sizeof(std::uint32_t)) return false;
  const std::uint32_t magic = number(file, 0, 4, true);
  return magic == kSectionBlock || is_pcap_magic(magic) || is_pcap_magic(number(file, 0, 4, false));
}

CaptureReader::CaptureReader(base::Bytes file) : rest_(file) {
  pcapng_ = is_capture(file) && number(file, 0, 4, true) == kSectionBlock;
  if (pcapng_) return;
  if (file.size() < kPcapHeaderBytes) {
    (void)stop("the capture's header is cut short");
    return;
  }
  big_endian_ = is_pcap_magic(number(file, 0, 4, true));
  const bool nanoseconds = u32(file, 0) == kPcapNanoseconds;
  // The upper bits say whether packets end in a frame check sequence.
  pcap_interface_ = {u32(file, 20) & 0xffffU, nanoseconds ? kBillion : kMillion};
  rest_ = file.subspan(kPcapHeaderBytes);
}

std::uint32_t CaptureReader::u16(base::Bytes octets, std::size_t at) const {
  return number(octets, at, 2, big_endian_);
}

std::uint32_t CaptureReader::u32(base::Bytes octets, std::size_t at) const {
  return number(octets, at, 4, big_endian_);
}

std::optional<CapturedPacket> CaptureReader::stop(std::string_view problem) {
  problem_ = problem;
  rest_ = {};
  return std::nullopt;
}

std::optional<CapturedPacket> CaptureReader::next() {
  if (rest_.empty()) return std::nullopt;
  return pcapng_ ? next_pcapng() : next_pcap();
}

std::optional<CapturedPacket> CaptureReader::next_pcap() {
  if (rest_.size() < kPcapPacketBytes) return stop("the last packet is cut short");
  const std::uint32_t kept = u32(rest_, 8);
  if (kept > kMaxPacketBytes) return stop("a packet of impossible length");
  if (rest_.size() - kPcapPacketBytes < kept) return stop("the last packet is cut short");
  CapturedPacket packet;
  packet.number = ++packets_;
  packet.link_type = pcap_interface_.link_type;
  const std::uint64_t ticks = pcap_interface_.ticks_per_sec;
  packet.time = wall_time(u32(rest_, 0) * ticks + u32(rest_, 4), ticks);
  packet.octets = rest_.subspan(kPcapPacketBytes, kept);
  rest_ = rest_.subspan(kPcapPacketBytes + kept);
  return packet;
}

bool CaptureReader::read_block(std::uint32_t& type, base::Bytes& body) {
  if (rest_.size() < kBlockFrameBytes + 4) return false;
  if (number(rest_, 0, 4, true) == kSectionBlock) {
    big_endian_ = number(rest_, 8, 4, true) == kByteOrderMagic;
    if (u32(rest_, 8) != kByteOrderMagic) return false;
    interfaces_.clear();
  }
  type = u32(rest_, 0);
  const std::uint32_t length = u32(rest_, 4);
  if (length < kBlockFrameBytes || length % 4 != 0 || length > rest_.size()) return false;
  body = rest_.subspan(8, length - kBlockFrameBytes);
  rest_ = rest_.subspan(length);
  return true;
}

void CaptureReader::read_interface(base::Bytes body) {
  Interface interface;
  if (body.size() < 8 || interfaces_.size() == kMostInterfaces) return;
  interface.link_type = u16(body, 0);
  for (std::size_t at = 8; at + 4 <= body.size();) {
    const std::uint32_t code = u16(body, at);
    const std::uint32_t length = u16(body, at + 2);
    if (code == 0 || at + 4 + length > body.size()) break;
    if (code == kTimeResolutionOption && length == 1) {
      const auto resolution = std::to_integer<unsigned>(body[at + 4]);
      const bool binary = (resolution & 0x80U) != 0;
      const unsigned exponent = resolution & 0x7fU;
      const unsigned highest = binary ? 63 : 19;
      interface.ticks_per_sec = power(binary ? 2 : 10, std::min(exponent, highest));
    }
    at += 4 + (length + 3) / 4 * 4;
  }
  interfaces_.push_back(interface);
}

std::optional<CapturedPacket> CaptureReader::read_packet(std::uint32_t type, base::Bytes body) {
  const bool enhanced = type == kEnhancedPacketBlock;
  const std::size_t header = enhanced ? 20 : 4;
  const std::size_t interface = enhanced && body.size() >= header ? u32(body, 0) : 0;
  if (body.size() < header || interface >= interfaces_.size()) {
    return stop("a packet of an interface that is not described");
  }
  const auto room =
      static_cast<std::uint32_t>(std::min<std::size_t>(body.size() - header, kMaxPacketBytes));
  const std::uint32_t original = u32(body, enhanced ? 16 : 0);
  const std::uint32_t kept = std::min(enhanced ? u32(body, 12) : original, room);
  CapturedPacket packet;
  packet.number = packets_;
  packet.link_type = interfaces_[interface].link_type;
  if (enhanced) {
    const std::uint64_t ticks = (std::uint64_t{u32(body, 4)} << 32) | u32(body, 8);
    packet.time = wall_time(ticks, interfaces_[interface].ticks_per_sec);
  }
  packet.octets = body.subspan(header, kept);
  return packet;
}

std::optional<CapturedPacket> CaptureReader::next_pcapng() {
  while (!rest_.empty()) {
    std::uint32_t type = 0;
    base::Bytes body;
    if (!read_block(type, body)) return stop("a block that makes no sense, or is cut short");
    if (type == kInterfaceBlock) read_interface(body);
    if (type == kEnhancedPacketBlock || type == kSimplePacketBlock) {
      ++packets_;
      return read_packet(type, body);
    }
  }
  return std::nullopt;
}

}  // namespace trapline::gateway
