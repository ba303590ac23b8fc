// A network for the poller in which a test says what happens, and when.
#pragma once

#include <cerrno>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "gateway/poller/poller.h"
#include "protocol/community_message.h"
#include "protocol/decode.h"
#include "protocol/request.h"
#include "tests/support/fake_clock.h"
#include "tests/support/seeded_random.h"
#include "tests/support/wire.h"

namespace trapline::gateway {

using test_support::Octets;

// One datagram that the poller has sent.
struct SentDatagram {
  base::Endpoint to;
  Octets octets;
};

// A request taken apart.
struct SentRequest {
  std::uint8_t tag = 0;
  std::int32_t id = 0;
  std::int64_t second = 0;  // error-status, or non-repeaters
  std::int64_t third = 0;   // error-index, or max-repetitions
  std::vector<std::string> names;
};

// Reads a v1 or v2c request of a manager.
inline SentRequest read_request(base::Bytes datagram) {
  std::vector<std::byte> room;
  room.reserve(datagram.size());
  protocol::BerContext context(datagram, room);
  protocol::CommunityMessage message;
  SentRequest out;
  protocol::Element pdu;
  base::Bytes list;
  std::int64_t id = 0;
  if (!read_community_message(datagram, context, message)) return out;
  if (!protocol::BerReader(message.pdu, context).read_any(pdu)) return out;
  protocol::BerReader reader(pdu.content, context);
  out.tag = pdu.tag;
  if (!reader.read_integer(id) || !reader.read_integer(out.second) ||
      !reader.read_integer(out.third) || !reader.read(protocol::tag::kSequence, list)) {
    return out;
  }
  out.id = static_cast<std::int32_t>(id);
  protocol::BerReader names(list, context);
  while (!names.at_end()) {
    base::Bytes varbind;
    protocol::OidView name;
    if (!names.read(protocol::tag::kSequence, varbind)) break;
    if (!protocol::BerReader(varbind, context).read_oid(name)) break;
    out.names.push_back(name.to_string());
  }
  return out;
}

// The poller and everything around it.
class FakeNetwork final : public PollIo {
 public:
  explicit FakeNetwork(PollerLimits limits = {}) : poller(*this, clock, random, limits) {}

  int send(const base::Endpoint& to, base::Bytes datagram) override {
    if (refuse_with != 0) return refuse_with;
    sent.push_back({to, Octets(datagram.begin(), datagram.end())});
    return 0;
  }
  void wake_at(base::BootTime at) override { wake = at; }

  // Lets time pass, and the poller hear of it where it asked to.
  void pass(std::chrono::nanoseconds time) {
    const base::BootTime until = clock.boot() + time;
    while (wake && *wake <= until) {
      const base::BootTime at = *wake;
      wake.reset();
      if (at > clock.boot()) clock.advance(at - clock.boot());
      poller.on_time();
    }
    if (until > clock.boot()) clock.advance(until - clock.boot());
  }

  // The oldest datagram not looked at yet.
  SentDatagram take() {
    SentDatagram one = std::move(sent.front());
    sent.pop_front();
    return one;
  }
  // The same, as a request.
  SentRequest take_request() { return read_request(take().octets); }

  // A v2c Response from `from`.
  void answer(const base::Endpoint& from, std::int32_t id, std::initializer_list<Octets> varbinds) {
    receive(from, test_support::message(1, test_support::pdu_v2(0xa2, id, varbinds)));
  }
  // A Response with an error-status, without values.
  void answer_error(const base::Endpoint& from, std::int32_t id, std::int64_t status,
                    std::int64_t index, std::int64_t version = 1) {
    receive(from, test_support::message(
                      version,
                      test_support::tlv(
                          0xa2, test_support::join(
                                    {test_support::integer(id), test_support::integer(status),
                                     test_support::integer(index), test_support::tlv(0x30, {})}))));
  }
  void receive(const base::Endpoint& from, const Octets& octets) {
    poller.on_datagram(from, test_support::ExactCopy(octets).bytes());
  }

  test_support::FakeClock clock;
  test_support::SeededRandom random{42};
  std::deque<SentDatagram> sent;
  std::optional<base::BootTime> wake;
  int refuse_with = 0;
  Poller poller;
};

// A device of community "public".
inline Device device_at(std::string_view endpoint, protocol::Version version) {
  Device device;
  device.address = *base::Endpoint::parse(endpoint);
  auto access = std::make_shared<PollAccess>();
  access->version = version;
  access->community = base::Secret("public");
  device.access = access;
  return device;
}

inline std::vector<protocol::Oid> oids(std::initializer_list<const char*> dotted) {
  std::vector<protocol::Oid> out;
  for (const char* one : dotted) out.push_back(*protocol::Oid::parse(one));
  return out;
}

}  // namespace trapline::gateway
