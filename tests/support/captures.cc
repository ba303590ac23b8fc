#include "tests/support/captures.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <span>
#include <string_view>

namespace trapline::test_support {
namespace {

namespace fs = std::filesystem;

std::vector<std::byte> read_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  const auto octets = std::as_bytes(std::span(text.data(), text.size()));
  return {octets.begin(), octets.end()};
}

std::vector<std::byte> from_base64(std::span<const std::byte> text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<std::byte> out;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const std::byte c : text) {
    const std::size_t digit = kDigits.find(static_cast<char>(c));
    if (digit == std::string_view::npos) continue;
    bits = (bits << 6) | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out.push_back(std::byte((bits >> count) & 0xff));
  }
  return out;
}

std::uint32_t number_at(std::span<const std::byte> octets, std::size_t at, std::size_t size,
                        bool little_endian) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t from = little_endian ? at + size - 1 - i : at + i;
    value = (value << 8) | std::to_integer<std::uint32_t>(octets[from]);
  }
  return value;
}

// The UDP payload of an Ethernet frame; empty when it holds none.
std::span<const std::byte> udp_payload(std::span<const std::byte> frame) {
  constexpr std::size_t kEthernet = 14;
  constexpr std::size_t kUdp = 8;
  if (frame.size() < kEthernet + 20 || number_at(frame, 12, 2, false) != 0x0800) return {};
  const std::size_t ip_header = (std::to_integer<std::size_t>(frame[kEthernet]) & 0x0f) * 4;
  const std::size_t udp = kEthernet + ip_header;
  if (std::to_integer<int>(frame[kEthernet + 9]) != 17 || frame.size() < udp + kUdp) return {};
  const std::size_t length = number_at(frame, udp + 4, 2, false);
  if (length < kUdp || udp + length > frame.size()) return {};
  return frame.subspan(udp + kUdp, length - kUdp);
}

}  // namespace

std::optional<fs::path> captures_folder() {
  const char* const told = std::getenv("TRAPLINE_CAPTURES");
  const fs::path project = fs::path(__FILE__).parent_path().parent_path().parent_path();
  const fs::path folder =
      told != nullptr ? fs::path(told) : project.parent_path() / "shared" / "captures";
  if (!fs::is_directory(folder)) return std::nullopt;
  return folder;
}

Capture read_capture(const fs::path& file) {
  std::vector<std::byte> octets = read_file(file);
  if (file.extension() == ".b64") octets = from_base64(octets);
  return {file.filename().string(), std::move(octets)};
}

std::vector<Capture> read_captures(const fs::path& folder) {
  std::vector<Capture> out;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const fs::path extension = entry.path().extension();
    if (extension == ".bin" || extension == ".b64") out.push_back(read_capture(entry.path()));
  }
  std::sort(out.begin(), out.end(),
            [](const Capture& a, const Capture& b) { return a.name < b.name; });
  return out;
}

std::vector<Capture> read_pcap(const fs::path& file) {
  constexpr std::size_t kFileHeader = 24;
  constexpr std::size_t kPacketHeader = 16;
  const std::vector<std::byte> octets = read_file(file);
  std::vector<Capture> out;
  if (octets.size() < kFileHeader) return out;
  const bool little_endian = octets[0] == std::byte{0xd4};
  for (std::size_t at = kFileHeader; at + kPacketHeader <= octets.size();) {
    const std::size_t size = number_at(octets, at + 8, 4, little_endian);
    at += kPacketHeader;
    if (size > octets.size() - at) break;
    const auto payload = udp_payload(std::span(octets).subspan(at, size));
    const std::string name = file.filename().string() + "#" + std::to_string(out.size() + 1);
    if (!payload.empty()) out.push_back({name, {payload.begin(), payload.end()}});
    at += size;
  }
  return out;
}

}  // namespace trapline::test_support
