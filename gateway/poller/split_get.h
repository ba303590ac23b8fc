// SplitGet: one `get` in as many PDUs as the device needs it.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "gateway/poller/getter.h"

namespace trapline::gateway {

class Poller;

// Lives as long as its questions do. On the poller's thread.
class SplitGet : public std::enable_shared_from_this<SplitGet> {
 public:
  // Asks for all names at once. Each tooBig halves those it was about; each noSuchName of SNMPv1
  // takes one away. Ends with the first failure. `poller` outlives it.
  static void begin(Poller& poller, const Device& device, std::vector<protocol::Oid> names,
                    std::function<void(GetAnswer)> done);

 private:
  using Places = std::vector<std::size_t>;  // in names_

  SplitGet(Poller& poller, const Device& device, std::vector<protocol::Oid> names,
           std::function<void(GetAnswer)> done);
  void go_on();
  void on_answer(GetAnswer answer);
  [[nodiscard]] bool take(const Places& asked, GetAnswer& answer);
  // The name at `place` is one the device does not have.
  void note_missing(std::size_t place);
  void push(Places places);
  void push_halves(const Places& places);

  Poller& poller_;
  const Device device_;
  const std::vector<protocol::Oid> names_;
  std::function<void(GetAnswer)> done_;
  std::vector<Places> open_;  // the last one is under way
  std::vector<PolledVarBind> values_;
  std::chrono::nanoseconds latency_{0};
};

}  // namespace trapline::gateway
