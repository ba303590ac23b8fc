// Packet captures: pcap and pcapng, one packet after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"

namespace trapline::gateway {

// One captured packet. Views the capture.
struct CapturedPacket {
  std::uint64_t number = 0;  // from 1, as other tools count
  std::uint32_t link_type = 0;
  base::WallTime time;
  base::Bytes octets;
};

// Reads a whole capture in memory: classic pcap (micro- and nanoseconds, both byte orders) or
// pcapng. Views the capture. Not synchronised.
class CaptureReader {
 public:
  // True when the first octets are those of either format.
  [[nodiscard]] static bool is_capture(base::Bytes file);
  explicit CaptureReader(base::Bytes file);

  // The next packet; nothing at the end or at the first octet that makes no sense.
  [[nodiscard]] std::optional<CapturedPacket> next();
  // Why reading ended before the end of the file; empty when it did not.
  [[nodiscard]] std::string_view problem() const { return problem_; }

 private:
  // One interface of a pcapng section.
  struct Interface {
    std::uint32_t link_type = 0;
    std::uint64_t ticks_per_sec = 1'000'000;
  };

  std::uint32_t u16(base::Bytes octets, std::size_t at) const;
  std::uint32_t u32(base::Bytes octets, std::size_t at) const;
  std::optional<CapturedPacket> stop(std::string_view problem);
  std::optional<CapturedPacket> next_pcap();
  std::optional<CapturedPacket> next_pcapng();
  // The block at the position, its order of octets set by a section's header.
  bool read_block(std::uint32_t& type, base::Bytes& body);
  void read_interface(base::Bytes body);
  std::optional<CapturedPacket> read_packet(std::uint32_t type, base::Bytes body);

  base::Bytes rest_;
  bool pcapng_ = false;
  bool big_endian_ = false;
  Interface pcap_interface_;
  std::vector<Interface> interfaces_;
  std::uint64_t packets_ = 0;
  std::string_view problem_;
};

}  // namespace trapline::gateway
