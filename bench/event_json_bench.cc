// What it costs to render one event: the 6-varbind linkDown of the pipeline bench.

#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "protocol/decode.h"
#include "protocol/encode.h"
#include "protocol/mib/mib_index.h"
#include "sinks/event_json.h"
#include "sinks/event_text.h"
#include "sinks/snmptrapd_text.h"

namespace {

using namespace trapline;

protocol::VarBind integer_of(const protocol::Oid& name, std::int64_t number) {
  protocol::Value value;
  value.type = protocol::ValueType::integer32;
  value.tag = 0x02;
  value.number = static_cast<std::uint64_t>(number);
  return {name, value};
}

protocol::VarBind text_of(const protocol::Oid& name, std::string_view text) {
  protocol::Value value;
  value.type = protocol::ValueType::octet_string;
  value.tag = 0x04;
  value.content = base::as_bytes(text);
  return {name, value};
}

// An encoded linkDown and the event it decodes to.
class LinkDown {
 public:
  LinkDown() {
    const std::vector<protocol::Oid> names = {*protocol::Oid::parse("1.3.6.1.2.1.2.2.1.1.7"),
                                              *protocol::Oid::parse("1.3.6.1.2.1.2.2.1.7.7"),
                                              *protocol::Oid::parse("1.3.6.1.2.1.2.2.1.8.7"),
                                              *protocol::Oid::parse("1.3.6.1.2.1.2.2.1.2.7")};
    const std::vector<protocol::VarBind> varbinds = {
        integer_of(names[0], 7), integer_of(names[1], 1), integer_of(names[2], 2),
        text_of(names[3], "GigabitEthernet0/7")};
    const protocol::Oid trap = *protocol::Oid::parse("1.3.6.1.6.3.1.1.5.3");
    protocol::Notification notification;
    notification.request_id = 1'234'567;
    notification.uptime = 123'456;
    notification.trap_oid = trap;
    notification.varbinds = varbinds;
    protocol::encode_v2c(notification, base::as_bytes("public"), datagram_);
    event_.id = "gateway-1-5f3a9c01-123456789";
    event_.message = protocol::decode(datagram_, protocol::kDefaultMaxVarbinds, scratch_)->message;
    event_.message.peer = *base::Endpoint::parse("10.1.2.3:34567");
    event_.message.local = *base::Endpoint::parse("10.0.0.1:162");
    event_.message.agent = event_.message.peer.ip;
    event_.message.listener = "0.0.0.0:162";
    event_.message.community = "default";
    event_.message.received_at =
        base::WallTime(std::chrono::nanoseconds(1'767'225'600'123'456'789));
  }
  [[nodiscard]] const rules::RoutedTrap& event() const { return event_; }

 private:
  std::vector<std::byte> datagram_;
  protocol::DecodeScratch scratch_;
  rules::RoutedTrap event_;
};

template <auto append>
void render(benchmark::State& state) {
  const LinkDown link_down;
  const auto& mibs = protocol::mib::MibIndex::built_in();
  std::string out;
  for (auto _ : state) {
    out.clear();
    append(link_down.event(), mibs, out);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(out.size()));
  state.counters["line_bytes"] = static_cast<double>(out.size());
}

BENCHMARK(render<sinks::append_event_json>)->Name("event_json");
BENCHMARK(render<sinks::append_event_text>)->Name("event_text");
BENCHMARK(render<sinks::append_snmptrapd_text>)->Name("snmptrapd_text");

}  // namespace

BENCHMARK_MAIN();
