#include "gateway/poller/device_book.h"

#include <algorithm>
#include <cstring>

namespace trapline::gateway {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::nanoseconds kStranger =
    std::chrono::nanoseconds(1s) / DeviceBook::kFirstAskedPerSec;

}  // namespace

std::size_t DeviceBook::AddressHash::operator()(const base::IpAddress& address) const {
  std::uint64_t halves[2];
  std::memcpy(halves, address.octets().data(), sizeof halves);
  return (halves[0] ^ (halves[1] >> 29)) * 0x9e37'79b9'7f4a'7c15 ^
         halves[1] * 0xbf58'476d'1ce4'e5b9;
}

// A bucket of one second.
bool DeviceBook::may_meet(base::BootTime now) {
  if (now > allowed_at_) {
    allowance_ = std::min<std::chrono::nanoseconds>(1s, allowance_ + (now - allowed_at_));
    allowed_at_ = now;
  }
  if (allowance_ < kStranger) return false;
  allowance_ -= kStranger;
  return true;
}

DeviceBook::Device* DeviceBook::touch(const base::IpAddress& device) {
  const auto known = by_address_.find(device);
  if (known == by_address_.end()) return nullptr;
  devices_.splice(devices_.begin(), devices_, known->second);
  return &*known->second;
}

void DeviceBook::forget_oldest() {
  const Device& oldest = devices_.back();
  if (oldest.back_off != 0s) --unreachable_;
  by_address_.erase(oldest.address);
  devices_.pop_back();
}

DeviceBook::Leave DeviceBook::ask(const base::IpAddress& device, base::BootTime now) {
  Device* const known = touch(device);
  if (known == nullptr) {
    if (!may_meet(now)) return Leave::wait;
    if (devices_.size() == kMostDevices) forget_oldest();
    devices_.push_front({device, 0s, {}, false});
    by_address_.emplace(device, devices_.begin());
    return Leave::ask;
  }
  if (known->back_off == 0s) return Leave::ask;
  if (known->probing || now < known->retry_at) return Leave::closed;
  known->probing = true;
  return Leave::ask;
}

DeviceChange DeviceBook::answered(const base::IpAddress& device) {
  Device* const known = touch(device);
  if (known == nullptr || known->back_off == 0s) return DeviceChange::none;
  known->back_off = 0s;
  known->probing = false;
  --unreachable_;
  return DeviceChange::reachable;
}

DeviceChange DeviceBook::silent(const base::IpAddress& device, base::BootTime now) {
  Device* const known = touch(device);
  if (known == nullptr) return DeviceChange::none;
  const bool first = known->back_off == 0s;
  // Of several questions that were under way together, the first tells.
  if (!first && !known->probing) return DeviceChange::none;
  known->probing = false;
  known->back_off = first ? kFirstBackOff : std::min(2 * known->back_off, kMostBackOff);
  known->retry_at = now + known->back_off;
  if (!first) return DeviceChange::none;
  ++unreachable_;
  return DeviceChange::unreachable;
}

void DeviceBook::not_asked(const base::IpAddress& device) {
  if (Device* const known = touch(device)) known->probing = false;
}

std::chrono::nanoseconds DeviceBook::retry_in(const base::IpAddress& device,
                                              base::BootTime now) const {
  const auto known = by_address_.find(device);
  if (known == by_address_.end() || known->second->back_off == 0s) return 0ns;
  return std::max<std::chrono::nanoseconds>(0ns, known->second->retry_at - now);
}

}  // namespace trapline::gateway
