// Decoding alone: the linkDown of `trapline bench` (v2c, 6 variable bindings, 167 octets).
#include <benchmark/benchmark.h>

#include "gateway/load/notification_template.h"
#include "protocol/decode.h"

namespace trapline {
namespace {

// As many different datagrams as one recvmmsg brings, in one run of memory as there.
class Datagrams {
 public:
  static constexpr std::size_t kCount = 256;
  static constexpr std::size_t kStride = 2'048;

  Datagrams() : message_(gateway::load::LoadOptions{}), memory_(kCount * kStride) {
    for (std::uint32_t i = 0; i < kCount; ++i) {
      const auto copy = base::MutableBytes(memory_).subspan(i * kStride, message_.bytes().size());
      std::copy(message_.bytes().begin(), message_.bytes().end(), copy.begin());
      message_.patch(copy, {gateway::load::kLeastRequestId, 0, i});
    }
  }

  [[nodiscard]] base::Bytes at(std::size_t index) const {
    return base::Bytes(memory_).subspan(index % kCount * kStride, message_.bytes().size());
  }

 private:
  gateway::load::NotificationTemplate message_;
  std::vector<std::byte> memory_;
};

void decode(benchmark::State& state) {
  const Datagrams datagrams;
  protocol::DecodeScratch scratch;
  std::size_t index = 0;
  for (auto _ : state) {
    auto decoded = protocol::decode(datagrams.at(index++), protocol::kDefaultMaxVarbinds, scratch);
    benchmark::DoNotOptimize(decoded);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(decode);

}  // namespace
}  // namespace trapline

BENCHMARK_MAIN();
