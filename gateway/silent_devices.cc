#include "gateway/silent_devices.h"

#include <array>
#include <cstring>

#include "gateway/journal/event_record.h"
#include "protocol/encode.h"

namespace trapline::gateway {

rules::Synthetic SilentDevices::take(const journal::Answer& answer) {
  if (answer.heard) {
    const bool was_silent = devices_.erase(answer.agent) != 0;
    return was_silent ? rules::Synthetic::device_reachable : rules::Synthetic::none;
  }
  if (answer.state != rules::AnswerState::timeout) return rules::Synthetic::none;
  if (devices_.size() == kMostDevices) return rules::Synthetic::none;
  if (!devices_.insert(answer.agent).second) return rules::Synthetic::none;
  return rules::Synthetic::device_unreachable;
}

void SilentDevices::save(std::vector<std::byte>& out) const {
  for (const base::IpAddress& device : devices_) {
    const base::Bytes octets = std::as_bytes(std::span(device.octets()));
    out.insert(out.end(), octets.begin(), octets.end());
  }
}

bool SilentDevices::restore(base::Bytes saved) {
  devices_.clear();
  std::array<std::uint8_t, 16> octets;
  if (saved.size() % octets.size() != 0) return false;
  for (; !saved.empty(); saved = saved.subspan(octets.size())) {
    std::memcpy(octets.data(), saved.data(), octets.size());
    devices_.insert(base::IpAddress::v6(octets));
  }
  return true;
}

std::vector<std::byte> device_event_payload(const base::IpAddress& device) {
  constexpr std::array<std::byte, 1> kZeroDotZero = {};
  protocol::Notification notification;
  notification.trap_oid = protocol::OidView(kZeroDotZero);
  std::vector<std::byte> pdu;
  protocol::encode_pdu(notification, pdu);
  protocol::TrapMessage message;
  message.peer.ip = device;
  message.agent = device;
  std::vector<std::byte> payload(journal::event_bytes(message, pdu));
  journal::encode_event(message, pdu, {}, payload);
  return payload;
}

}  // namespace trapline::gateway
