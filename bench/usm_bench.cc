// SNMPv3 alone: opening and decoding an authPriv trap (SHA-256, AES-128; the linkDown of 6 variable
// bindings) next to decoding the same in v2c, and what each kind of hostile message costs.
#include <string>

#include <benchmark/benchmark.h>

#include "protocol/decode.h"
#include "protocol/encode.h"
#include "protocol/usm/inbound.h"
#include "protocol/usm/message_writer.h"

namespace trapline {
namespace {

namespace usm = protocol::usm;
using Octets = std::vector<std::byte>;

constexpr base::BootTime kNow{std::chrono::hours(1)};

usm::UserTable ops() {
  const auto key = [](std::string_view password) {
    return usm::password_to_key(base::as_bytes(password), usm::AuthProtocol::sha256);
  };
  usm::UsmUser user;
  user.name = "ops";
  user.auth = usm::AuthProtocol::sha256;
  user.priv = usm::PrivProtocol::aes128;
  user.keys.push_back({.auth = key("an auth password"), .priv = key("a priv password")});
  std::vector<usm::UsmUser> users;
  users.push_back(std::move(user));
  return usm::UserTable(std::move(users));
}

protocol::VarBind number(const protocol::Oid& name, std::uint64_t value) {
  static const std::byte octets[8] = {};
  protocol::Value content{.type = protocol::ValueType::integer32,
                          .tag = 0x02,
                          .number = value,
                          .content = base::Bytes(octets).first(1)};
  return {name, content};
}

// The v2c message, and its PDU's octets.
Octets v2c_trap() {
  const protocol::Oid link_down = *protocol::Oid::parse("1.3.6.1.6.3.1.1.5.3");
  const protocol::Oid index = *protocol::Oid::parse("1.3.6.1.2.1.2.2.1.1.7");
  const protocol::Oid admin = *protocol::Oid::parse("1.3.6.1.2.1.2.2.1.7.7");
  const protocol::Oid oper = *protocol::Oid::parse("1.3.6.1.2.1.2.2.1.8.7");
  const protocol::Oid description = *protocol::Oid::parse("1.3.6.1.2.1.2.2.1.2.7");
  const protocol::Value text{.type = protocol::ValueType::octet_string,
                             .tag = 0x04,
                             .number = 0,
                             .content = base::as_bytes("tl-01234567-0123-01234567")};
  const std::vector<protocol::VarBind> varbinds = {
      number(index, 7), number(admin, 1), number(oper, 2), {description, text}};
  Octets out;
  protocol::encode_v2c(
      {.request_id = 1'000'000, .uptime = 4711, .trap_oid = link_down, .varbinds = varbinds},
      base::as_bytes("public"), out);
  return out;
}

Octets v3_trap(const usm::UsmUser& user, const Octets& engine) {
  protocol::DecodeScratch scratch;
  const Octets v2c = v2c_trap();
  const auto decoded = protocol::decode(v2c, protocol::kDefaultMaxVarbinds, scratch);
  usm::SaltCounters salts;
  usm::MessageWriter writer(salts);
  usm::OutgoingMessage message;
  message.header = {.msg_id = 4711, .flags = 3};
  message.security.engine_id = engine;
  message.security.boots = 3;
  message.security.time = 500;
  message.security.user = user.name;
  message.scoped = {engine, "", decoded->pdu};
  usm::UserKeys keys(user, 0, engine);
  const base::Bytes octets = writer.write(message, &keys);
  return {octets.begin(), octets.end()};
}

// Datagrams of one batch.
constexpr std::size_t kBatch = 64;

// One listener's USM, and an engine it has heard of.
struct Listener {
  usm::UserTable users = ops();
  usm::LocalEngine engine{Octets(12, std::byte{0x80}), 7, base::BootTime{}};
  usm::EngineTable engines{1'000};
  usm::SaltCounters salts;
  usm::UsmStats stats;
  usm::Inbound inbound{{users, engine, engines, salts, stats}};
  protocol::DecodeScratch scratch;
  Octets peer = Octets(13, std::byte{0x42});
  Octets trap = v3_trap(users.all()[0], peer);

  // Decodes one datagram as reception does.
  bool take(const Octets& octets) {
    auto decoded = protocol::decode(octets, protocol::kDefaultMaxVarbinds, scratch, &inbound, kNow);
    benchmark::DoNotOptimize(decoded);
    return decoded.has_value();
  }
};

void run(benchmark::State& state, Listener& listener, const Octets& octets, bool accepted) {
  for (auto _ : state) {
    if (listener.take(octets) != accepted) return state.SkipWithError("not as expected");
  }
  state.SetItemsProcessed(state.iterations());
}

// The same message, as often as a batch has it: what reception does under load. Per message.
void run_batch(benchmark::State& state, Listener& listener, const Octets& octets, bool accepted) {
  const std::vector<Octets> copies(kBatch, octets);
  const std::vector<base::Bytes> batch(copies.begin(), copies.end());
  for (auto _ : state) {
    listener.inbound.look_ahead(batch);
    for (const Octets& copy : copies) {
      if (listener.take(copy) != accepted) return state.SkipWithError("not as expected");
    }
    listener.inbound.forget_ahead();
  }
  const auto messages = static_cast<std::int64_t>(kBatch) * state.iterations();
  state.SetItemsProcessed(messages);
  state.counters["per_message"] = benchmark::Counter(
      static_cast<double>(messages), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void v2c(benchmark::State& state) {
  Listener listener;
  run(state, listener, v2c_trap(), true);
}
BENCHMARK(v2c);

void auth_priv(benchmark::State& state) {
  Listener listener;
  run(state, listener, listener.trap, true);
}
BENCHMARK(auth_priv);

void auth_priv_batch(benchmark::State& state) {
  Listener listener;
  run_batch(state, listener, listener.trap, true);
}
BENCHMARK(auth_priv_batch);

void wrong_digest(benchmark::State& state) {
  Listener listener;
  listener.take(listener.trap);
  Octets octets = listener.trap;
  octets.back() ^= std::byte{1};
  run(state, listener, octets, false);
}
BENCHMARK(wrong_digest);

void wrong_digest_batch(benchmark::State& state) {
  Listener listener;
  listener.take(listener.trap);
  Octets octets = listener.trap;
  octets.back() ^= std::byte{1};
  run_batch(state, listener, octets, false);
}
BENCHMARK(wrong_digest_batch);

void forged_engine(benchmark::State& state) {
  Listener listener;
  listener.take(listener.trap);
  Octets octets = v3_trap(listener.users.all()[0], Octets(13, std::byte{0x43}));
  octets.back() ^= std::byte{1};
  run(state, listener, octets, false);
}
BENCHMARK(forged_engine);

// A probe to an engine that is not ours: parsed, refused and answered.
void unknown_engine(benchmark::State& state) {
  Listener listener;
  Octets octets = listener.trap;
  for (std::size_t i = 0; i + 2 < octets.size(); ++i) {
    // msgFlags: an OCTET STRING of one octet, auth and priv.
    if (octets[i] == std::byte{4} && octets[i + 1] == std::byte{1} &&
        octets[i + 2] == std::byte{3}) {
      octets[i + 2] = std::byte{7};
      break;
    }
  }
  run(state, listener, octets, false);
}
BENCHMARK(unknown_engine);

}  // namespace
}  // namespace trapline

BENCHMARK_MAIN();
