// Decoding, answering and naming allocate nothing once warm. This file replaces the program's
// operator new by one that counts.

#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include "protocol/decode.h"
#include "protocol/encode.h"
#include "protocol/mib/mib_index.h"
#include "tests/protocol/seed_messages.h"
#include "tests/protocol/usm/v3_peer.h"

namespace {

thread_local std::size_t allocations = 0;

void* counted(std::size_t size) {
  ++allocations;
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) std::abort();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return counted(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return counted(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace trapline::protocol {
namespace {

// What reception does with one datagram, without its sockets and journal.
void work(base::Bytes datagram, DecodeScratch& scratch, base::MutableBytes response) {
  const auto decoded = decode(datagram, kDefaultMaxVarbinds, scratch);
  if (!decoded) return;
  for (const VarBind& varbind : decoded->message.varbinds) {
    static_cast<void>(mib::MibIndex::built_in().resolve(varbind.name));
  }
  static_cast<void>(encode_response(datagram, response));
}

TEST(Allocations, AreCounted) {
  const std::size_t before = allocations;
  const std::vector<int> some(100);
  EXPECT_GT(allocations, before);
}

TEST(Allocations, NoneForAnyMessageOnceWarm) {
  const std::vector<Seed> seeds = decode_seeds();
  DecodeScratch scratch;
  std::vector<std::byte> response(kMaxDatagramBytes);
  for (const Seed& seed : seeds) work(seed.octets, scratch, response);
  for (const Seed& seed : seeds) {
    const std::size_t before = allocations;
    for (int i = 0; i < 100; ++i) work(seed.octets, scratch, response);
    EXPECT_EQ(allocations, before) << seed.name;
  }
}

// Accepted, answered, refused and reported: what USM does with a message it has keys for, and with
// a forged one.
TEST(Allocations, NoneForAnyV3MessageOnceWarm) {
  using usm::AuthProtocol;
  using usm::PrivProtocol;
  usm::Receiver receiver(
      usm::users(usm::test_user("aes", AuthProtocol::sha256, PrivProtocol::aes128),
                 usm::test_user("auto", AuthProtocol::sha1, PrivProtocol::aes256_auto),
                 usm::test_user("des", AuthProtocol::md5, PrivProtocol::des)));
  std::vector<test_support::Octets> messages = {usm::probe()};
  for (const std::string name : {"aes", "auto", "des"}) {
    const usm::UsmUser& user = receiver.user(name);
    messages.push_back(usm::written(user, {}));
    messages.push_back(usm::written(user, usm::inform_to(receiver.engine)));
    messages.push_back(messages.back());
    messages.back().back() ^= std::byte{1};
    usm::PeerMessage late = usm::inform_to(receiver.engine);
    late.boots = 1;
    messages.push_back(usm::written(user, late));
  }
  DecodeScratch scratch;
  std::vector<std::byte> out(kMaxDatagramBytes);
  const auto take = [&](const test_support::Octets& octets) {
    static_cast<void>(decode(octets, kDefaultMaxVarbinds, scratch, &receiver.inbound(), usm::kNow));
    static_cast<void>(receiver.inbound().respond(usm::kNow, out));
  };
  for (const auto& octets : messages) take(octets);
  for (const auto& octets : messages) {
    const std::size_t before = allocations;
    for (int i = 0; i < 100; ++i) take(octets);
    EXPECT_EQ(allocations, before) << receiver.trace().user;
  }
}

}  // namespace
}  // namespace trapline::protocol
