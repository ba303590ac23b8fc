#include "gateway/config/webhook_section.h"

#include <algorithm>
#include <array>
#include <utility>

#include "gateway/config/delivery_section.h"
#include "gateway/config/field_reader.h"
#include "gateway/config/source_reader.h"
#include "gateway/config/tls_section.h"
#include "sinks/lane.h"

namespace trapline::gateway {
namespace {

using sinks::WebhookFormat;

constexpr IntegerRange kTimeoutMs{100, 600'000};
constexpr IntegerRange kBatchEvents{1, 256};
constexpr IntegerRange kBatchBytes{1'024, 16 * kMebibyte};
constexpr IntegerRange kBatchWaitMs{0, 60'000};
constexpr IntegerRange kConcurrency{1, sinks::kMaxLanes};
constexpr IntegerRange kResendSecs{1, 240};
constexpr std::size_t kMaxUrlBytes = 2'048;
constexpr std::size_t kMaxSecretBytes = 4'096;
constexpr std::size_t kMaxHeaders = 32;
constexpr std::uint32_t kAlertsAtOnce = 64;
constexpr std::string_view kAlertsPath = "/api/v2/alerts";
constexpr const char* kPagerdutyUrl = "https://events.pagerduty.com/v2/enqueue";

template <class Enum>
using Choice = std::pair<std::string_view, Enum>;

constexpr std::array kFormats = {Choice<WebhookFormat>{"json", WebhookFormat::json},
                                 Choice<WebhookFormat>{"cloudevents", WebhookFormat::cloudevents},
                                 Choice<WebhookFormat>{"slack", WebhookFormat::slack},
                                 Choice<WebhookFormat>{"pagerduty", WebhookFormat::pagerduty},
                                 Choice<WebhookFormat>{"alertmanager", WebhookFormat::alertmanager},
                                 Choice<WebhookFormat>{"teams", WebhookFormat::teams},
                                 Choice<WebhookFormat>{"otlp", WebhookFormat::otlp}};
constexpr std::array kMethods = {Choice<std::string_view>{"POST", "POST"},
                                 Choice<std::string_view>{"PUT", "PUT"},
                                 Choice<std::string_view>{"PATCH", "PATCH"}};

// RFC 9110 §5.6.2.
bool is_token(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

// Headers that requests have of themselves.
bool is_reserved(std::string_view name) {
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  constexpr std::array<std::string_view, 8> kReserved = {
      "host",       "content-length",  "content-type",    "transfer-encoding",
      "connection", "idempotency-key", "accept-encoding", "user-agent"};
  return std::ranges::find(kReserved, lower) != kReserved.end() || lower.starts_with("webhook-") ||
         lower.starts_with("ce-");
}

bool is_header_text(base::Bytes value) {
  return std::ranges::all_of(base::as_text(value),
                             [](char c) { return (c >= 0x20 && c != 0x7f) || c == '\t'; });
}

void read_headers(FieldReader& sink, ConfigProblems& problems,
                  std::vector<std::pair<std::string, base::Secret>>& out) {
  const ConfigNode* map = sink.map("headers");
  if (map == nullptr) return;
  if (map->keys.size() > kMaxHeaders) {
    problems.add(map->place, "too many `headers`", "at most " + std::to_string(kMaxHeaders));
    return;
  }
  FieldReader reader(*map, sink.name_of("headers"), problems);
  for (const ConfigKey& key : map->keys) {
    base::Secret value;
    reader.read_secret(key.name, value, kMaxSecretBytes);
    if (!is_token(key.name) || is_reserved(key.name)) {
      problems.add(key.place, "`" + key.name + "` cannot be set as a header",
                   "a name of HTTP that requests do not carry of themselves");
    } else if (!is_header_text(value.reveal())) {
      problems.add(key.place, "the value of header `" + key.name + "` holds a control character",
                   "");
    }
    out.emplace_back(key.name, std::move(value));
  }
  reader.finish();
}

void read_batch(FieldReader& sink, ConfigProblems& problems, WebhookSinkConfig& out) {
  if (const ConfigNode* map = sink.map("batch")) {
    FieldReader reader(*map, sink.name_of("batch"), problems);
    reader.read_integer("events", kBatchEvents, out.options.batch.events);
    reader.read_integer("bytes", kBatchBytes, out.options.batch.bytes);
    reader.read_duration("wait_ms", kBatchWaitMs, out.options.batch.wait);
    reader.finish();
    if (out.options.batch.events > 1 && !sinks::frame_of(out.options.format).takes_many) {
      problems.add(map->place,
                   "`" + sink.name_of("batch.events") + "`: this format takes one event",
                   "`json`, `alertmanager` and `otlp` take several");
    }
  }
  sink.read_integer("concurrency", kConcurrency, out.options.lanes);
}

// What the destinations are known to stand.
void set_default_pace(WebhookSinkConfig& sink) {
  switch (sink.options.format) {
    case WebhookFormat::slack: sink.per_sec = 1, sink.burst = 1; break;
    case WebhookFormat::pagerduty: sink.per_sec = 2, sink.burst = 20; break;
    case WebhookFormat::alertmanager: sink.options.batch.events = kAlertsAtOnce; break;
    case WebhookFormat::teams: sink.per_sec = 2, sink.burst = 4; break;
    default: break;
  }
}

void read_target(FieldReader& reader, const ConfigNode& map, WebhookSinkConfig& sink,
                 ConfigProblems& problems) {
  const bool pagerduty = sink.options.format == WebhookFormat::pagerduty;
  base::Secret url{std::string_view(pagerduty ? kPagerdutyUrl : "")};
  if (!pagerduty) reader.require("url", "like https://hooks.example.net/path");
  reader.read_secret("url", url, kMaxUrlBytes);
  if (url.reveal().empty()) return;
  auto target = sinks::parse_http_url(base::as_text(url.reveal()));
  if (!target) {
    problems.add(map.place, "`" + reader.name_of("url") + "` is no http or https URL",
                 "without user name, fragment and spaces");
    return;
  }
  sink.options.target = std::move(*target);
}

// The API's path stands behind whatever prefix the URL has.
base::Secret alerts_path(const base::Secret& path) {
  std::string text(base::as_text(path.reveal()));
  const std::size_t query = std::min(text.find('?'), text.size());
  std::string_view prefix = std::string_view(text).substr(0, query);
  if (prefix.ends_with(kAlertsPath)) return base::Secret(text);
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  return base::Secret(std::string(prefix) + std::string(kAlertsPath) + text.substr(query));
}

void read_alertmanager(FieldReader& reader, const ConfigNode& map, WebhookSinkConfig& sink,
                       ConfigProblems& problems) {
  const ConfigNode* resend = map.find("resend_secs");
  reader.read_duration("resend_secs", kResendSecs, sink.options.resend);
  if (sink.options.format != WebhookFormat::alertmanager) {
    if (resend == nullptr) return;
    problems.add(resend->place,
                 "`" + reader.name_of("resend_secs") + "` is for `format: alertmanager`",
                 "remove the key, or set the format");
    return;
  }
  sink.options.target.path = alerts_path(sink.options.target.path);
  if (sink.options.lanes > 1) {
    problems.add(map.find("concurrency")->place,
                 "`" + reader.name_of("concurrency") + "`: this format sends one after the other",
                 "`batch.events` puts more into one request");
  }
}

void read_body(FieldReader& reader, const ConfigNode& map, WebhookSinkConfig& sink,
               ConfigProblems& problems) {
  std::string_view method = "POST";
  reader.read_choice<std::string_view>("method", kMethods, method);
  sink.options.target.method = std::string(method);
  sink.body = read_source(reader, "template", problems);
  if (!sink.body || sink.options.format == WebhookFormat::json) return;
  problems.add(map.find("template")->place,
               "`" + reader.name_of("template") + "` is for `format: json`",
               "remove the key, or set the format");
}

void read_signing(FieldReader& reader, const ConfigNode& map, WebhookSinkConfig& sink,
                  ConfigProblems& problems) {
  base::Secret secret;
  reader.read_secret("signing_secret", secret, kMaxSecretBytes);
  if (secret.reveal().empty()) return;
  sink.options.signer = sinks::WebhookSigner::from(secret.reveal());
  if (!sink.options.signer) {
    problems.add(map.place, "`" + reader.name_of("signing_secret") + "` is no signing secret",
                 "`whsec_` and 24 to 64 octets in base64");
  }
}

}  // namespace

void read_webhook_sink(const ConfigNode& map, WebhookSinkConfig& sink, ConfigProblems& problems) {
  FieldReader reader(map, "sinks." + sink.name, problems);
  (void)reader.text_node("type");
  reader.read_choice<WebhookFormat>("format", kFormats, sink.options.format);
  set_default_pace(sink);
  read_target(reader, map, sink, problems);
  read_headers(reader, problems, sink.options.headers);
  reader.read_secret("routing_key", sink.options.routing_key, kMaxSecretBytes);
  if (sink.options.format == WebhookFormat::pagerduty) {
    reader.require("routing_key", "the integration key of the service, as a reference");
  } else if (map.find("routing_key") != nullptr) {
    problems.add(map.place, "`" + reader.name_of("routing_key") + "` is for `format: pagerduty`",
                 "remove the key, or set the format");
  }
  read_body(reader, map, sink, problems);
  read_signing(reader, map, sink, problems);
  read_tls(reader, problems, sink.options.target.tls);
  reader.read_duration("timeout_ms", kTimeoutMs, sink.options.target.timeout);
  sink.options.target.connect_timeout =
      std::min(sink.options.target.connect_timeout, sink.options.target.timeout);
  read_batch(reader, problems, sink);
  read_alertmanager(reader, map, sink, problems);
  read_delivery(reader, problems, sink);
  reader.finish();
}

}  // namespace trapline::gateway
