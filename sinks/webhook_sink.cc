#include "sinks/webhook_sink.h"

#include <algorithm>

#include "sinks/lane.h"
#include "sinks/webhook_formats/event_words.h"

namespace trapline::sinks {
namespace {

using namespace std::chrono_literals;

constexpr auto kLongestRetryAfter = 1h;
constexpr auto kPause = 60s;  // of a destination that fails, at least
constexpr std::size_t kMostReason = 300;
constexpr std::string_view kDefaultUserAgent = "Trapline";

std::chrono::milliseconds wait_of(const HttpAnswer& answer) {
  return std::min<std::chrono::milliseconds>(answer.retry_after.value_or(0s), kLongestRetryAfter);
}

// Whether an OTLP receiver says that it refused some records of a request that it took.
bool says_rejected(std::string_view body) {
  const std::size_t at = body.find("\"rejectedLogRecords\"");
  if (at == std::string_view::npos) return false;
  const std::size_t number = body.find_first_of("123456789,}", at);
  return number != std::string_view::npos && body[number] != ',' && body[number] != '}';
}

// Whether an OTLP receiver that took all of a request has something to say about it.
bool says_message(std::string_view body) {
  const std::size_t at = body.find("\"errorMessage\"");
  if (at == std::string_view::npos) return false;
  const std::size_t open = body.find('"', body.find(':', at));
  return open < body.size() - 1 && body[open + 1] != '"';
}

}  // namespace

Verdict verdict_of(int status) {
  switch (status) {
    case 0:
    case 408:
    case 425:
    case 429: return Verdict::again;
    case 401:
    case 403:
    case 404:
    case 410: return Verdict::destination_fails;
    default: break;
  }
  if (status >= 200 && status < 300) return Verdict::delivered;
  if (status >= 300 && status < 400) return Verdict::destination_fails;
  return status >= 400 && status < 500 ? Verdict::refused : Verdict::again;
}

WebhookSink::WebhookSink(const WebhookSinkOptions& options, const HttpConnector& connect,
                         const base::Clock& clock, const protocol::mib::MibIndex& mibs,
                         EventJsonCache* cache, const RaisedSource& raised,
                         std::unique_ptr<BodyTemplate> body)
    : options_(options), clock_(clock), mibs_(mibs), cache_(cache), body_(std::move(body)) {
  if (options_.format == WebhookFormat::alertmanager && raised.board != nullptr) {
    raised_.emplace(*raised.board, raised.sink, options_.resend);
  }
  for (unsigned i = 0; i < options_.lanes; ++i) {
    Lane& lane = *lanes_.emplace_back(std::make_unique<Lane>());
    lane.connection = connect();
    lane.thread = std::jthread([this, &lane](const std::stop_token& end) { serve(end, lane); });
  }
}

WebhookSink::~WebhookSink() {
  for (const auto& lane : lanes_) {
    lane->thread.request_stop();
    lane->connection->stop();
  }
}

void WebhookSink::on_answers(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

// A lane's thread: one request after the other.
void WebhookSink::serve(const std::stop_token& end, Lane& lane) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, end, [&] { return lane.phase == Phase::asked; })) {
    lock.unlock();
    HttpAnswer answer = lane.connection->post(lane.request);
    lock.lock();
    lane.answer = std::move(answer);
    lane.phase = Phase::answered;
    changed_.notify_all();
    if (wake_) wake_();
  }
}

bool WebhookSink::busy(const Lane& lane) const {
  const std::lock_guard lock(mutex_);
  return lane.phase == Phase::asked;
}

bool WebhookSink::open(std::string& /*reason*/) {
  failure_.reset();
  if (raised_) raised_->begin_anew();
  for (const auto& lane : lanes_) {
    lane->gathered.clear();
    lane->one_by_one = 0;
    const std::lock_guard lock(mutex_);
    lane->disowned = lane->phase != Phase::idle;
    lane->in_request = 0;
  }
  return true;
}

WebhookPiece WebhookSink::render(const rules::RoutedTrap& event) const {
  switch (options_.format) {
    case WebhookFormat::json: return json_piece(event, mibs_, cache_);
    case WebhookFormat::cloudevents: return cloudevents_piece(event, mibs_, cache_);
    case WebhookFormat::slack: return slack_piece(event, mibs_);
    case WebhookFormat::pagerduty:
      return pagerduty_piece(event, mibs_, base::as_text(options_.routing_key.reveal()));
    case WebhookFormat::alertmanager: return alertmanager_piece(event);
    case WebhookFormat::teams: return teams_piece(event, mibs_);
    case WebhookFormat::otlp: return otlp_piece(event, mibs_);
  }
  return {};
}

bool WebhookSink::wants(const rules::RoutedTrap& event) { return takes(options_.format, event); }

void WebhookSink::take(const rules::RoutedTrap& event, Sequence sequence, Answers& answers) {
  Lane& lane = *lanes_[lane_of(event.message.agent, options_.lanes)];
  if (raised_ && event.verdict.state == rules::State::clear) {
    raised_->ended(event.verdict.raise_id);
  }
  WebhookPiece piece;
  std::string why;
  if (body_ == nullptr) {
    piece = render(event);
  } else if (!body_->render(event, piece.body, why)) {
    return answers.rejected(sequence, why);
  }
  lane.gathered.push_back({sequence, std::string(event.id), std::move(piece), clock_.boot()});
}

void WebhookSink::tick(base::BootTime now, Answers& answers) {
  take_answers(answers);
  pause_if_quiet(answers);
  if (!failure_) start_requests(now, false);
}

void WebhookSink::take_answers(Answers& answers) {
  for (const auto& lane : lanes_) {
    {
      const std::lock_guard lock(mutex_);
      if (lane->phase != Phase::answered) continue;
      lane->phase = Phase::idle;
    }
    if (!std::exchange(lane->disowned, false)) judge(*lane, answers);
    lane->in_request = 0;
  }
}

// What the answer means for the events of the lane's request.
void WebhookSink::judge(Lane& lane, Answers& answers) {
  const HttpAnswer& answer = lane.answer;
  if (lane.in_request == 0) return judge_raised(answer, answers);
  Verdict verdict = verdict_of(answer.status);
  const bool partly = options_.format == WebhookFormat::otlp && verdict == Verdict::delivered &&
                      says_rejected(answer.body);
  if (partly) verdict = Verdict::refused;
  if (verdict == Verdict::delivered && options_.format == WebhookFormat::otlp &&
      says_message(answer.body)) {
    answers.warn(words_of(answer));
  }
  const auto end = lane.gathered.begin() + static_cast<std::ptrdiff_t>(lane.in_request);
  switch (verdict) {
    case Verdict::delivered:
      for (auto event = lane.gathered.begin(); event != end; ++event) {
        answers.delivered(event->sequence);
      }
      lane.gathered.erase(lane.gathered.begin(), end);
      break;
    case Verdict::again:
      answers.retry_lane(lane.gathered.front().sequence, wait_of(answer), words_of(answer));
      lane.gathered.clear();
      lane.one_by_one = 0;
      break;
    case Verdict::refused:
      // Some of a batch that was taken in part have arrived: none may be sent again.
      if (lane.in_request > 1 && !partly) {
        lane.one_by_one = lane.in_request;
        break;
      }
      for (auto event = lane.gathered.begin(); event != end; ++event) {
        answers.rejected(event->sequence, words_of(answer));
      }
      lane.gathered.erase(lane.gathered.begin(), end);
      break;
    case Verdict::destination_fails:
      failure_ = words_of(answer) + ": the destination, not the event, is at fault";
      failure_wait_ = std::max<std::chrono::milliseconds>(wait_of(answer), kPause);
      break;
  }
}

// What the answer to a request with what is raised means. A refusal (400) is about some of it, and
// each was refused on its own when it was raised; the rest is stored.
void WebhookSink::judge_raised(const HttpAnswer& answer, Answers& answers) {
  const Verdict verdict = verdict_of(answer.status);
  if (verdict == Verdict::delivered) answers.works();
  if (verdict == Verdict::delivered || verdict == Verdict::refused) return;
  const bool fails = verdict == Verdict::destination_fails;
  failure_ = words_of(answer) + ": what is raised could not be told again";
  failure_wait_ = std::max<std::chrono::milliseconds>(wait_of(answer), fails ? kPause : 0s);
}

// Says that the destination fails, once no event can be delivered any more by what is under way.
void WebhookSink::pause_if_quiet(Answers& answers) {
  if (!failure_ || std::ranges::any_of(lanes_, [this](const auto& lane) { return busy(*lane); })) {
    return;
  }
  answers.retry(failure_wait_, *failure_);
}

std::size_t WebhookSink::batch_of(const Lane& lane) const {
  if (lane.one_by_one != 0 || !frame_of(options_.format).takes_many) return 1;
  std::size_t events = 0;
  std::uint64_t bytes = 0;
  for (const Gathered& event : lane.gathered) {
    bytes += event.piece.body.size() + 1;
    if (events == options_.batch.events || (events != 0 && bytes > options_.batch.bytes)) break;
    ++events;
  }
  return events;
}

// When the next request of an idle lane with events is to go out.
base::BootTime WebhookSink::due_at(const Lane& lane) const {
  const std::size_t batch = batch_of(lane);
  const bool whole = batch < lane.gathered.size() || batch >= options_.batch.events ||
                     lane.one_by_one != 0 || !frame_of(options_.format).takes_many;
  return whole ? base::BootTime{} : lane.gathered.front().since + options_.batch.wait;
}

void WebhookSink::start_requests(base::BootTime now, bool all) {
  for (const auto& lane : lanes_) {
    if (busy(*lane)) continue;
    const bool due = !lane->gathered.empty() && (all || now >= due_at(*lane));
    if (raised_ && !all && !(due && told_raised_) && start_raised(*lane, now)) continue;
    if (due) start(*lane);
  }
}

bool WebhookSink::start_raised(Lane& lane, base::BootTime now) {
  HttpRequest request;
  request.body = raised_->next_body(now);
  if (request.body.empty()) return false;
  request.content_type = frame_of(options_.format).content_type;
  told_raised_ = true;
  lane.in_request = 0;
  ask(lane, std::move(request), "raised-" + std::to_string(now.time_since_epoch().count()));
  return true;
}

void WebhookSink::start(Lane& lane) {
  const WebhookFrame& frame = frame_of(options_.format);
  lane.in_request = batch_of(lane);
  if (lane.one_by_one != 0) --lane.one_by_one;
  const bool framed = frame.always || lane.in_request > 1;
  const Gathered& first = lane.gathered.front();
  HttpRequest request;
  request.content_type = frame.content_type;
  if (framed) request.body += frame.before;
  for (std::size_t i = 0; i < lane.in_request; ++i) {
    if (i != 0) request.body += frame.between;
    request.body += lane.gathered[i].piece.body;
  }
  if (framed) request.body += frame.after;
  request.headers = first.piece.headers;
  told_raised_ = false;
  ask(lane, std::move(request),
      lane.in_request == 1 ? first.id : first.id + "+" + std::to_string(lane.in_request - 1));
}

// Gives the lane's thread a request, with the headers that all have.
void WebhookSink::ask(Lane& lane, HttpRequest request, const std::string& id) {
  request.headers.emplace_back("User-Agent", kDefaultUserAgent);
  request.headers.emplace_back("Idempotency-Key", id);
  for (const auto& [name, value] : options_.headers) {
    request.headers.emplace_back(name, base::as_text(value.reveal()));
  }
  if (options_.signer) {
    const auto now =
        std::chrono::duration_cast<std::chrono::seconds>(clock_.wall().time_since_epoch()).count();
    request.headers.emplace_back("webhook-id", id);
    request.headers.emplace_back("webhook-timestamp", std::to_string(now));
    request.headers.emplace_back("webhook-signature", options_.signer->sign(id, now, request.body));
  }
  const std::lock_guard lock(mutex_);
  lane.request = std::move(request);
  lane.phase = Phase::asked;
  changed_.notify_all();
}

base::BootTime WebhookSink::next_tick() const {
  base::BootTime next = base::BootTime::max();
  for (const auto& lane : lanes_) {
    {
      const std::lock_guard lock(mutex_);
      if (lane->phase == Phase::answered) return {};
      if (lane->phase == Phase::asked) continue;
    }
    if (failure_) continue;
    if (raised_) next = std::min(next, raised_->due_at());
    if (!lane->gathered.empty()) next = std::min(next, due_at(*lane));
  }
  return next;
}

void WebhookSink::drain(base::BootTime deadline, Answers& answers) {
  while (true) {
    take_answers(answers);
    pause_if_quiet(answers);
    if (failure_ && std::ranges::none_of(lanes_, [this](const auto& l) { return busy(*l); })) {
      return;
    }
    if (!failure_) start_requests(clock_.boot(), true);
    std::unique_lock lock(mutex_);
    const auto asked = [](const auto& lane) { return lane->phase == Phase::asked; };
    const auto answered = [](const auto& lane) { return lane->phase == Phase::answered; };
    if (std::ranges::none_of(lanes_, asked) && std::ranges::none_of(lanes_, answered)) return;
    const auto left = deadline - clock_.boot();
    if (left.count() <= 0) return;
    changed_.wait_for(lock, left, [&] { return std::ranges::any_of(lanes_, answered); });
  }
}

std::string WebhookSink::words_of(const HttpAnswer& answer) const {
  if (answer.status == 0) return cut_to(answer.error, kMostReason);
  std::string words =
      options_.target.scheme_host_port + " answered " + std::to_string(answer.status);
  if (!answer.body.empty()) words += ": " + answer.body;
  return cut_to(words, kMostReason);
}

}  // namespace trapline::sinks
