#include "protocol/usm/digests_ahead.h"

#include <algorithm>

#ifdef TRAPLINE_IPSEC_MB
#define NO_COMPAT_IMB_API_053  // names of old that collide with OpenSSL's
#include <intel-ipsec-mb.h>
#endif

namespace trapline::protocol::usm {

#ifdef TRAPLINE_IPSEC_MB

namespace {

// Fewer are not faster than one by one.
constexpr std::size_t kFewest = 4;
// A trap has some hundred octets. Longer ones cost their sender as much as us.
constexpr std::size_t kMaxMessageBytes = 4'096;
constexpr std::size_t kCopyBytes = 64U << 10;

struct Burst {
  IMB_HASH_ALG algorithm;
  AuthProtocol protocol;
};
constexpr std::array kBursts = {Burst{IMB_AUTH_HMAC_SHA_256, AuthProtocol::sha256},
                                Burst{IMB_AUTH_HMAC_SHA_1, AuthProtocol::sha1},
                                Burst{IMB_AUTH_HMAC_SHA_224, AuthProtocol::sha224},
                                Burst{IMB_AUTH_HMAC_SHA_384, AuthProtocol::sha384},
                                Burst{IMB_AUTH_HMAC_SHA_512, AuthProtocol::sha512}};

const Burst* burst_of(AuthProtocol protocol) {
  const auto* const found = std::ranges::find(kBursts, protocol, &Burst::protocol);
  return found == kBursts.end() ? nullptr : found;
}

std::size_t manager_bytes() { return (imb_get_mb_mgr_size() + 63) / 64 * 64; }

const std::uint8_t* octets_of(base::Bytes octets) {
  return reinterpret_cast<const std::uint8_t*>(octets.data());
}

}  // namespace

struct DigestsAhead::Lanes : IMB_MGR {};

DigestsAhead::DigestsAhead() : memory_(manager_bytes() + kCopyBytes + kMost * kMaxHashBytes) {
  IMB_MGR* const manager = imb_set_pointers_mb_mgr(memory_.bytes().data(), 0, 1);
  if (manager == nullptr) return;
  IMB_ARCH arch = IMB_ARCH_NONE;
  init_mb_mgr_auto(manager, &arch);
  const bool wide = arch == IMB_ARCH_AVX2 || arch == IMB_ARCH_AVX512;
  // One message by SHA instructions is as fast as one of eight without; and without safe data,
  // what keys became would stay on the stack.
  const bool fitting = (manager->features & IMB_FEATURE_SHANI) == 0 &&
                       (manager->features & IMB_FEATURE_SAFE_DATA) != 0;
  if (imb_get_errno(manager) == 0 && wide && fitting) lanes_ = static_cast<Lanes*>(manager);
}

DigestsAhead::~DigestsAhead() = default;

void DigestsAhead::add(base::Bytes datagram, int password, const AuthKey& key, base::Bytes message,
                       base::Bytes digest) {
  if (lanes_ == nullptr || size_ == kMost || burst_of(key.protocol()) == nullptr) return;
  if (message.size() > std::min(kMaxMessageBytes, kCopyBytes - copied_bytes_)) return;
  const base::MutableBytes copy =
      memory_.bytes().subspan(manager_bytes() + copied_bytes_, message.size());
  std::copy(message.begin(), message.end(), copy.begin());
  const auto at = static_cast<std::size_t>(digest.data() - message.data());
  std::ranges::fill(copy.subspan(at, digest.size()), std::byte{0});
  entries_[size_++] = {.datagram = datagram.data(),
                       .key = &key,
                       .begins = static_cast<std::uint32_t>(manager_bytes() + copied_bytes_),
                       .bytes = static_cast<std::uint32_t>(message.size()),
                       .password = password,
                       .computed = false};
  copied_bytes_ += message.size();
}

void DigestsAhead::compute() {
  if (size_ < kFewest) return;
  for (const Burst& burst : kBursts) compute(burst.protocol);
}

void DigestsAhead::compute(AuthProtocol protocol) {
  std::array<IMB_JOB, kMost> jobs;
  std::array<std::size_t, kMost> entry_of{};
  std::uint32_t count = 0;
  for (std::size_t i = 0; i < size_; ++i) {
    const Entry& entry = entries_[i];
    if (entry.key->protocol() != protocol) continue;
    entry_of[count] = i;
    IMB_JOB& job = jobs[count++];
    job.src = octets_of(memory_.bytes().subspan(entry.begins, entry.bytes));
    job.hash_start_src_offset_in_bytes = 0;
    job.msg_len_to_hash_in_bytes = entry.bytes;
    job.auth_tag_output = reinterpret_cast<std::uint8_t*>(hash_of(i).data());
    job.auth_tag_output_len_in_bytes = hash_bytes(protocol);
    job.u.HMAC._hashed_auth_key_xor_ipad = octets_of(entry.key->inner_state());
    job.u.HMAC._hashed_auth_key_xor_opad = octets_of(entry.key->outer_state());
  }
  if (count < kFewest) return;
  if (IMB_SUBMIT_HASH_BURST(lanes_, jobs.data(), count, burst_of(protocol)->algorithm) != count) {
    return;
  }
  for (std::size_t i = 0; i < count; ++i) {
    entries_[entry_of[i]].computed = jobs[i].status == IMB_STATUS_COMPLETED;
  }
}

base::MutableBytes DigestsAhead::hash_of(std::size_t entry) const {
  return memory_.bytes().subspan(manager_bytes() + kCopyBytes + entry * kMaxHashBytes,
                                 kMaxHashBytes);
}

#else

struct DigestsAhead::Lanes {};

DigestsAhead::DigestsAhead() = default;
DigestsAhead::~DigestsAhead() = default;
void DigestsAhead::add(base::Bytes, int, const AuthKey&, base::Bytes, base::Bytes) {}
void DigestsAhead::compute() {}
base::MutableBytes DigestsAhead::hash_of(std::size_t) const { return {}; }

#endif

base::Bytes DigestsAhead::find(base::Bytes datagram, int password) {
  for (std::size_t i = next_; i < size_; ++i) {
    if (entries_[i].datagram != datagram.data()) continue;
    next_ = i;
    if (entries_[i].password == password) {
      return entries_[i].computed ? base::Bytes(hash_of(i)) : base::Bytes();
    }
  }
  return {};
}

void DigestsAhead::clear() { size_ = copied_bytes_ = next_ = 0; }

}  // namespace trapline::protocol::usm
