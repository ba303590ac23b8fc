#include "gateway/poller/enrichment_line.h"

#include <pthread.h>

#include <future>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "gateway/poller/poller.h"
#include "gateway/poller/udp_poll_io.h"

namespace trapline::gateway {
namespace {

// How soon devices that have to wait for their turn are looked at again.
constexpr std::chrono::milliseconds kTurn{20};
constexpr std::chrono::milliseconds kMoment{200};

EnricherOptions options_of(const PollerConfig& config) {
  return {config.devices, config.timeout, config.retries, config.budget};
}

PollerLimits limits_of(const PollerConfig& config) {
  PollerLimits limits;
  limits.in_flight = config.max_in_flight;
  limits.packets_per_sec = config.packets_per_sec;
  return limits;
}

}  // namespace

class EnrichmentLine::Thread {
 public:
  Thread(const PollerConfig& config, const base::Clock& clock, base::Random& random, base::Log& log,
         std::function<void()> on_answer)
      : io_(context_, clock),
        poller_(io_, clock, random, limits_of(config)),
        enricher_(
            options_of(config), poller_,
            [this](std::function<void()> work) {
              boost::asio::post(context_, [this, work = std::move(work)] {
                work();
                take_turns();
              });
            },
            clock, log, std::move(on_answer)),
        turns_(context_) {
    io_.serve(poller_);
  }
  ~Thread() { stop(); }

  void start() {
    thread_ = std::jthread([this] {
      pthread_setname_np(pthread_self(), "enrichment");
      context_.run();
    });
  }
  void stop() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
  }
  Enricher& enricher() { return enricher_; }
  PollerCounters packets() {
    const auto told = std::make_shared<std::promise<PollerCounters>>();
    auto answer = told->get_future();
    boost::asio::post(context_, [this, told] { told->set_value(poller_.counters()); });
    if (answer.wait_for(kMoment) == std::future_status::ready) packets_ = answer.get();
    return packets_;
  }

 private:
  void take_turns() {
    if (taking_turns_ || !enricher_.go_on()) return;
    taking_turns_ = true;
    turns_.expires_after(kTurn);
    turns_.async_wait([this](const auto& error) {
      taking_turns_ = false;
      if (!error) take_turns();
    });
  }

  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      context_.get_executor()};
  UdpPollIo io_;
  Poller poller_;
  Enricher enricher_;
  boost::asio::steady_timer turns_;
  PollerCounters packets_;  // as last told
  bool taking_turns_ = false;
  std::jthread thread_;
};

EnrichmentLine::EnrichmentLine(const PollerConfig& config, const base::Clock& clock,
                               base::Random& random, base::Log& log,
                               std::function<void()> on_answer)
    : thread_(std::make_unique<Thread>(config, clock, random, log, std::move(on_answer))) {}

EnrichmentLine::~EnrichmentLine() = default;

void EnrichmentLine::start() { thread_->start(); }

void EnrichmentLine::stop() { thread_->stop(); }

void EnrichmentLine::seek(std::vector<rules::EnrichmentWish> wishes) {
  thread_->enricher().seek(std::move(wishes));
}

void EnrichmentLine::take_answers(const std::function<void(const journal::Answer&)>& take) {
  thread_->enricher().take_answers(take);
}

EnricherFigures EnrichmentLine::figures() const { return thread_->enricher().figures(); }

PollerCounters EnrichmentLine::packets() const { return thread_->packets(); }

}  // namespace trapline::gateway
