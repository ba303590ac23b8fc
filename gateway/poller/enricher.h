// Enricher: asks devices what rules wish to know.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/clock.h"
#include "base/ip_address.h"
#include "base/log.h"
#include "gateway/answer_seeker.h"
#include "gateway/poller/device_book.h"
#include "gateway/poller/getter.h"
#include "gateway/poller/polled_network.h"

namespace trapline::gateway {

// How Enricher asks. Plain value.
struct EnricherOptions {
  std::vector<PolledNetwork> networks;  // the first that holds a device is its
  std::chrono::milliseconds timeout{600};
  unsigned retries = 1;
  std::chrono::nanoseconds budget = std::chrono::seconds(2);  // how long an event waits
};

// Since the start. Every wish is one of shared, asked, no_device, closed or refused, and every one
// that was asked is answered, failed or silent, or open still.
struct EnricherFigures {
  std::uint64_t wishes = 0;
  std::uint64_t shared = 0;     // the same was being asked already
  std::uint64_t asked = 0;      // requests to devices
  std::uint64_t no_device = 0;  // no network of the configuration holds it, or it is no one device
  std::uint64_t closed = 0;     // the device does not answer: it was left alone
  std::uint64_t refused = 0;    // too much waited for its turn
  std::uint64_t answered = 0;
  std::uint64_t failed = 0;  // an error of the device, or an answer that cannot be read
  std::uint64_t silent = 0;  // no answer in time
  std::uint64_t open = 0;
  std::uint64_t unreachable_devices = 0;
};

// `seek`, `take_answers` and `figures` may be called by any thread; everything else happens on the
// getter's, to which `post` takes a function.
class Enricher final : public AnswerSeeker {
 public:
  using Post = std::function<void(std::function<void()>)>;

  // All referred to outlives it. `on_answer` is called on the getter's thread whenever answers are
  // there to be taken.
  Enricher(EnricherOptions options, Getter& getter, Post post, const base::Clock& clock,
           base::Log& log, std::function<void()> on_answer);

  void seek(std::vector<rules::EnrichmentWish> wishes) override;
  void take_answers(const std::function<void(const journal::Answer&)>& take) override;
  // What has come of it since the start.
  [[nodiscard]] EnricherFigures figures() const;

  // On the getter's thread: goes on with devices that were never asked. True while any has to wait.
  bool go_on();

  static constexpr std::size_t kMostStrangers = 1'000;
  // Questions to one device under way at a time; those that wait behind them; and those in all.
  static constexpr std::size_t kMostOpenOfDevice = 4;
  static constexpr std::size_t kMostBehindDevice = 1'000;
  static constexpr std::size_t kMostBehind = 20'000;
  // How many answers are handed over at a time: what follows from them is one write.
  static constexpr std::size_t kMostTaken = 256;
  // How long nobody asks again what a device has refused, or does not have.
  static constexpr std::chrono::seconds kKeepFailure{60};
  // The same of what could not be asked: time enough for an event to get all its answers.
  static constexpr std::chrono::seconds kKeepUnasked{1};

 private:
  // An answer on its way to the router, owning everything.
  struct Came {
    rules::EnrichmentWish wish;
    std::string key;
    rules::AnswerState state = rules::AnswerState::failed;
    bool heard = false;
    std::chrono::seconds good_for{0};
    std::vector<PolledVarBind> values;  // of its members, in order; empty unless known
  };

  // A device that was never asked, until its turn comes.
  struct Stranger {
    rules::EnrichmentWish wish;
    base::BootTime since;
  };
  // A device with questions under way, and what waits behind them.
  struct Busy {
    std::size_t open = 0;
    std::deque<rules::EnrichmentWish> behind;
  };

  void begin(rules::EnrichmentWish wish);
  // True when it waits behind others of its device, or was refused; `wish` is gone then.
  [[nodiscard]] bool queue_behind(rules::EnrichmentWish& wish);
  void wait_for_turn(rules::EnrichmentWish wish);
  // False when its turn has not come; `wish` is as it was then.
  [[nodiscard]] bool try_begin(rules::EnrichmentWish& wish);
  void ask(rules::EnrichmentWish wish, std::string key, const PolledNetwork& network);
  void ended(rules::EnrichmentWish wish, std::string key, GetAnswer answer);
  void go_on_with(const base::IpAddress& device);
  void refuse(rules::EnrichmentWish wish);
  void unasked(rules::EnrichmentWish wish, std::uint64_t EnricherFigures::*why,
               rules::AnswerState state, std::chrono::seconds good_for);
  void come(Came came);
  void tell(const base::IpAddress& device, DeviceChange change, const std::string& reason);
  template <class Change>
  void count(Change&& change);

  const EnricherOptions options_;
  Getter& getter_;
  const Post post_;
  const base::Clock& clock_;
  base::Log& log_;
  const std::function<void()> on_answer_;

  // The getter's thread only.
  base::LogSite change_site_;
  DeviceBook devices_;
  std::unordered_set<std::string> open_;  // keys
  std::deque<Stranger> strangers_;
  std::map<base::IpAddress, Busy> busy_;  // with at least one under way
  std::size_t behind_ = 0;                // in all of them

  mutable std::mutex mutex_;
  std::deque<Came> came_;    // guarded by mutex_
  EnricherFigures figures_;  // guarded by mutex_
};

}  // namespace trapline::gateway
