// What the rules of a configuration cost: loading them, and putting the linkDown of `trapline
// bench` through them. Prints one JSON line.
//
//   rule_cost CONFIG [EVENTS]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

#include "gateway/config/rules_build.h"
#include "gateway/load/notification_template.h"
#include "protocol/decode.h"
#include "rules/rule_engine.h"

namespace trapline {
namespace {

constexpr std::uint64_t kEvents = 1'000'000;
constexpr std::int64_t kBetweenEvents = 10'000;  // nanoseconds of rule time: 100,000/s

// Nothing is kept long enough to be read again.
class NoCodec final : public rules::EventCodec {
 public:
  bool decode(base::Bytes, protocol::TrapMessage&) override { return false; }
};

double cpu_secs() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// Nanoseconds of each of `count` events.
double cost_of(std::shared_ptr<const rules::RuleSet> rules, std::uint64_t count) {
  NoCodec codec;
  rules::RuleEngine engine(std::move(rules), codec);
  rules::Evaluation evaluation;
  protocol::DecodeScratch scratch;
  const gateway::load::NotificationTemplate datagram(gateway::load::LoadOptions{});
  auto decoded = protocol::decode(datagram.bytes(), protocol::kDefaultMaxVarbinds, scratch);
  if (!decoded) std::abort();
  rules::Event event;
  event.id = "bench-1badcafe-1234567";
  event.message = decoded->message;
  event.message.agent = *base::IpAddress::parse("127.0.0.1");
  event.encoded = datagram.bytes();
  const double before = cpu_secs();
  for (std::uint64_t i = 0; i < count; ++i) {
    event.time.since_epoch_ns += kBetweenEvents;
    evaluation.clear();
    engine.advance(event.id, event.time, evaluation);
    engine.evaluate(event, evaluation);
    engine.apply(evaluation);
    if (evaluation.decisions().empty()) std::abort();
  }
  return (cpu_secs() - before) / static_cast<double>(count) * 1e9;
}

int measure(const std::string& path, std::uint64_t events) {
  const double before = cpu_secs();
  auto built = gateway::build_config(path, protocol::mib::MibIndex::built_in());
  const double load_secs = cpu_secs() - before;
  if (!built) {
    for (const std::string& line : built.error().lines) std::fprintf(stderr, "%s\n", line.c_str());
    return EXIT_FAILURE;
  }
  cost_of(built->rules, events / 10);  // warm
  const double cost_ns = cost_of(built->rules, events);
  std::printf("{\"rules\":%zu,\"load_secs\":%.3f,\"event_ns\":%.1f}\n",
              built->rules->rules().size(), load_secs, cost_ns);
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace trapline

int main(int count, char** arguments) {
  if (count < 2) {
    std::fprintf(stderr, "usage: rule_cost CONFIG [EVENTS]\n");
    return EXIT_FAILURE;
  }
  const std::uint64_t events =
      count > 2 ? std::strtoull(arguments[2], nullptr, 10) : trapline::kEvents;
  return trapline::measure(arguments[1], events);
}
