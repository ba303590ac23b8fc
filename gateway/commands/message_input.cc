#include "gateway/commands/message_input.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "gateway/commands/capture_file.h"
#include "gateway/commands/hex_text.h"
#include "gateway/commands/packet_layers.h"
#include "protocol/ber_reader.h"

namespace trapline::gateway {
namespace {

using Use = std::function<void(const InputMessage&)>;

bool is_for_us(const CapturedDatagram& datagram) {
  const std::uint16_t port = datagram.destination.port;
  if (port == 162 || port == 1162) return true;
  return !datagram.payload.empty() &&
         std::to_integer<std::uint8_t>(datagram.payload.front()) == protocol::tag::kSequence;
}

InputSummary read_capture(base::Bytes input, const Use& use) {
  InputSummary summary;
  CaptureReader capture(input);
  while (const auto packet = capture.next()) {
    const auto datagram = find_udp(packet->octets, packet->link_type);
    if (!datagram || !is_for_us(*datagram)) {
      ++summary.skipped;
      continue;
    }
    ++summary.messages;
    use({"packet " + std::to_string(packet->number), datagram->payload, datagram->source,
         datagram->destination, packet->time, true});
  }
  summary.problem = capture.problem();
  return summary;
}

// True when `octets` hold at least one whole element.
bool is_whole_message(base::Bytes octets) {
  std::vector<std::byte> room;
  protocol::BerContext context(octets, room);
  protocol::Element element;
  return protocol::BerReader(octets, context).read_any(element);
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

// Nothing when the text is not hexadecimal throughout.
std::optional<InputSummary> read_hex_text(std::string_view text, const Use& use) {
  struct Found {
    std::size_t line;
    std::vector<std::byte> octets;
  };
  std::vector<Found> found;
  std::size_t line_number = 0;
  bool open = false;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    ++line_number;
    if (line.starts_with('#')) continue;
    const auto octets = parse_hex(line);
    if (!octets) return std::nullopt;
    if (octets->empty()) continue;
    if (!open) found.push_back({line_number, {}});
    std::vector<std::byte>& message = found.back().octets;
    message.insert(message.end(), octets->begin(), octets->end());
    open = !is_whole_message(message);
  }
  if (found.empty()) return std::nullopt;
  for (const Found& message : found) {
    use({"line " + std::to_string(message.line), message.octets, {}, {}, {}, false});
  }
  return InputSummary{found.size(), 0, {}};
}

}  // namespace

InputSummary for_each_message(base::Bytes input, const Use& use) {
  if (CaptureReader::is_capture(input)) return read_capture(input, use);
  if (auto summary = read_hex_text(base::as_text(input), use)) return *summary;
  if (input.empty()) return {0, 0, "the input is empty"};
  use({"", input, {}, {}, {}, false});
  return {1, 0, {}};
}

}  // namespace trapline::gateway
