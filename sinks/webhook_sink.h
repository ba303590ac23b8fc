// The webhook sink: events as HTTP requests, each answered by the destination.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "protocol/mib/mib_index.h"
#include "sinks/body_template.h"
#include "sinks/event_json_cache.h"
#include "sinks/net/http_client.h"
#include "sinks/problem_board.h"
#include "sinks/raised_alerts.h"
#include "sinks/sink.h"
#include "sinks/webhook_formats/webhook_format.h"
#include "sinks/webhook_options.h"

namespace trapline::sinks {

// What a status means for the events of a request.
enum class Verdict : std::uint8_t { delivered, again, refused, destination_fails };
[[nodiscard]] Verdict verdict_of(int status);

// Whence a sink that tells what is raised again and again (alertmanager) knows it. Plain value.
struct RaisedSource {
  ProblemBoard* board = nullptr;  // null: it tells nothing again
  std::string sink;               // its name in Problem::sinks
};

// One request at a time per lane, each with a thread and a connection of its own. Driven by a
// LaneWorker with the same number of lanes.
//
// 2xx is delivered. 408, 425, 429, 5xx and no answer at all come again, not before Retry-After (an
// hour at most). 401, 403, 404, 410 and redirects say that the destination fails: the sink pauses
// and keeps its events. Any other status refuses the event; a refused request of several is
// repeated one by one, to find which it was. An event that its template fails on is refused, too.
//
// Format alertmanager has one lane, on which requests with what is raised take turns with events.
//
// One thread, as sink.h says.
class WebhookSink final : public Sink {
 public:
  // Everything referred to must outlive the sink; `cache` may be null. `connect` is called once per
  // lane, at once.
  WebhookSink(const WebhookSinkOptions& options, const HttpConnector& connect,
              const base::Clock& clock, const protocol::mib::MibIndex& mibs,
              EventJsonCache* cache = nullptr, const RaisedSource& raised = {},
              std::unique_ptr<BodyTemplate> body = nullptr);
  // Ends requests under way.
  ~WebhookSink() override;

  bool open(std::string& reason) override;
  [[nodiscard]] bool wants(const rules::RoutedTrap& event) override;
  void take(const rules::RoutedTrap& event, Sequence sequence, Answers& answers) override;
  void tick(base::BootTime now, Answers& answers) override;
  [[nodiscard]] base::BootTime next_tick() const override;
  void drain(base::BootTime deadline, Answers& answers) override;
  void on_answers(std::function<void()> wake) override;

 private:
  struct Gathered {
    Sequence sequence;
    std::string id;
    WebhookPiece piece;
    base::BootTime since;
  };
  enum class Phase : std::uint8_t { idle, asked, answered };
  struct Lane {
    std::deque<Gathered> gathered;  // the first `in_request` are under way
    std::size_t in_request = 0;
    std::size_t one_by_one = 0;  // so many more go alone
    bool disowned = false;       // the answer under way is for events that will come again
    Phase phase = Phase::idle;   // guarded by mutex_
    HttpRequest request;         // the thread's while `asked`, else the sink's
    HttpAnswer answer;           // likewise
    std::unique_ptr<HttpConnection> connection;
    std::jthread thread;
  };

  void serve(const std::stop_token& end, Lane& lane);
  [[nodiscard]] bool busy(const Lane& lane) const;
  void take_answers(Answers& answers);
  void judge(Lane& lane, Answers& answers);
  void judge_raised(const HttpAnswer& answer, Answers& answers);
  void pause_if_quiet(Answers& answers);
  void start_requests(base::BootTime now, bool all);
  bool start_raised(Lane& lane, base::BootTime now);
  void start(Lane& lane);
  void ask(Lane& lane, HttpRequest request, const std::string& id);
  [[nodiscard]] std::size_t batch_of(const Lane& lane) const;
  [[nodiscard]] base::BootTime due_at(const Lane& lane) const;
  [[nodiscard]] std::string words_of(const HttpAnswer& answer) const;
  [[nodiscard]] WebhookPiece render(const rules::RoutedTrap& event) const;

  const WebhookSinkOptions& options_;
  const base::Clock& clock_;
  const protocol::mib::MibIndex& mibs_;
  EventJsonCache* const cache_;
  const std::unique_ptr<BodyTemplate> body_;  // of format json; null: the event itself

  std::optional<RaisedAlerts> raised_;
  bool told_raised_ = false;  // by the last request

  // Of a destination that fails: said once nothing is under way any more.
  std::optional<std::string> failure_;
  std::chrono::milliseconds failure_wait_{};

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::function<void()> wake_;  // guarded by mutex_
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace trapline::sinks
