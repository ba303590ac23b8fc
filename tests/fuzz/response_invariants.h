// What must hold of the poller for any datagram: checked by the fuzzer and, on its seeds, by the
// tests.
//
// Questions are under way to one device in v2c, v1 and v3, there to an engine that is not known yet
// and to the one of the seeds. The input goes in as it is, and
// once more with the request-id or msgID of a question put in where its own stands, so that
// mutations reach what stands behind the correlation.
#pragma once

#include <string>
#include <vector>

#include "gateway/poller/poller.h"
#include "protocol/community_message.h"
#include "protocol/decode.h"
#include "protocol/v3_message.h"
#include "tests/fuzz/ber_invariants.h"

namespace trapline::fuzz {

namespace gateway = trapline::gateway;

// Time stands still, and what is sent is forgotten.
class FuzzClock final : public base::Clock {
 public:
  [[nodiscard]] base::WallTime wall() const override { return {}; }
  [[nodiscard]] base::BootTime boot() const override { return now; }
  base::BootTime now{std::chrono::seconds(1'000)};
};

// Counts up: ids that a test can repeat.
class FuzzRandom final : public base::Random {
 public:
  [[nodiscard]] std::uint64_t next() override { return ++last_; }

 private:
  std::uint64_t last_ = 0x01020303;
};

// Keeps the last datagram of each question.
class FuzzIo final : public gateway::PollIo {
 public:
  [[nodiscard]] int send(const base::Endpoint& /*to*/, Bytes datagram) override {
    sent.emplace_back(datagram.begin(), datagram.end());
    return 0;
  }
  void wake_at(base::BootTime /*at*/) override {}
  std::vector<std::vector<std::byte>> sent;
};

// The authoritative engine of the seeds.
inline std::vector<std::byte> fuzz_engine() {
  const std::string_view text("\x80\x00\x1f\x88\x04test", 9);
  const Bytes octets = base::as_bytes(text);
  return {octets.begin(), octets.end()};
}

inline std::shared_ptr<const gateway::PollAccess> fuzz_access(
    protocol::Version version, const std::vector<std::byte>& engine_id) {
  auto access = std::make_shared<gateway::PollAccess>();
  access->version = version;
  access->community = base::Secret("public");
  if (version == protocol::Version::v3) {
    access->v3.emplace();
    access->v3->user.name = "none";
    access->v3->engine_id = engine_id;
  }
  return access;
}

// The place of the id in a message: an INTEGER's content, which views `octets`.
inline Bytes id_place(Bytes octets) {
  std::vector<std::byte> room;
  room.reserve(octets.size());
  protocol::BerContext context(octets, room);
  Bytes content;
  Bytes id;
  if (!protocol::BerReader(octets, context).read(protocol::tag::kSequence, content)) return {};
  protocol::BerReader message(content, context);
  std::int64_t version = 0;
  protocol::Element next;
  if (!message.read_integer(version) || !message.read_any(next)) return {};
  if (version != 3 && !message.read_any(next)) return {};
  if (!protocol::BerReader(next.content, context).read_integer_content(id)) return {};
  return id;
}

// The input with the id of what `asked` put into its own place, where both have four octets.
inline std::vector<std::byte> with_id_of(Bytes input, Bytes asked) {
  std::vector<std::byte> copy(input.begin(), input.end());
  const Bytes from = id_place(asked);
  const Bytes to = id_place(input);
  if (from.size() != 4 || to.size() != 4) return copy;
  std::copy(from.begin(), from.end(), copy.begin() + (to.data() - input.data()));
  return copy;
}

// One poller with its questions, and the counting of their ends.
struct FuzzPoller {
  FuzzClock clock;
  FuzzRandom random;
  FuzzIo io;
  gateway::Poller poller{io, clock, random, {.in_flight_per_device = 5}};
  gateway::Device device;
  int ends = 0;

  void ask(protocol::Version version, protocol::RequestKind kind,
           const std::vector<std::byte>& engine_id = {}) {
    device.address = *base::Endpoint::parse("192.0.2.1:161");
    device.access = fuzz_access(version, engine_id);
    gateway::Question question;
    question.kind = kind;
    question.names = {*protocol::Oid::parse("1.3.6.1.2.1.1.5.0"),
                      *protocol::Oid::parse("1.3.6.1.2.1.1.6.0")};
    question.max_repetitions = kind == protocol::RequestKind::get_bulk ? 5 : 0;
    const std::size_t most = question.most_values();
    const std::size_t names = question.names.size();
    poller.ask(device, question, [this, most, names](const gateway::GetAnswer& answer) {
      ++ends;
      require(answer.values.size() <= most, "no more values than asked for");
      require(answer.error_index <= names, "an error-index points at a name or nowhere");
      const bool answered = answer.outcome == gateway::GetOutcome::answered;
      require(answered == answer.reason.empty(), "a failure has a reason");
    });
  }
};

// One input through everything.
inline void check_response(Bytes input) {
  FuzzPoller fuzz;
  fuzz.ask(protocol::Version::v2c, protocol::RequestKind::get);
  fuzz.ask(protocol::Version::v2c, protocol::RequestKind::get_bulk);
  fuzz.ask(protocol::Version::v1, protocol::RequestKind::get_next);
  fuzz.ask(protocol::Version::v3, protocol::RequestKind::get);
  fuzz.ask(protocol::Version::v3, protocol::RequestKind::get, fuzz_engine());
  const auto questions = fuzz.io.sent;
  fuzz.poller.on_datagram(*base::Endpoint::parse("192.0.2.2:161"), input);
  for (const auto& question : questions) {
    const std::vector<std::byte> forged = with_id_of(input, question);
    fuzz.poller.on_datagram(*base::Endpoint::parse("192.0.2.2:161"), forged);
    require(fuzz.ends == 0, "another address ends nothing");
  }
  fuzz.poller.on_datagram(fuzz.device.address, input);
  for (const auto& question : questions) {
    const std::vector<std::byte> forged = with_id_of(input, question);
    fuzz.poller.on_datagram(fuzz.device.address, forged);
    fuzz.poller.on_datagram(fuzz.device.address, forged);
  }
  for (int attempt = 0; attempt < 3; ++attempt) {
    fuzz.clock.now += std::chrono::seconds(1);
    fuzz.poller.on_time();
  }
  require(fuzz.ends == 5, "each question ends, and once");
  require(fuzz.poller.in_flight() == 0, "nothing is left under way");
  const gateway::PollerCounters& counters = fuzz.poller.counters();
  require(counters.received == counters.answered + counters.reports + counters.late +
                                   counters.duplicates + counters.unmatched +
                                   counters.wrong_source + counters.malformed,
          "every datagram is counted once");
}

}  // namespace trapline::fuzz
