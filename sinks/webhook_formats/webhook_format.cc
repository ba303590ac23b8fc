#include "sinks/webhook_formats/webhook_format.h"

namespace trapline::sinks {
namespace {

constexpr std::string_view kJson = "application/json";
constexpr WebhookFrame kJsonFrame{kJson, true, "[", ",", "]", false};
constexpr WebhookFrame kAlertsFrame{kJson, true, "[", ",", "]", true};
constexpr WebhookFrame kSingleFrame{kJson, false, "", "", "", false};
constexpr WebhookFrame kOtlpFrame{
    kJson,
    true,
    R"({"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":)"
    R"({"stringValue":"trapline"}}]},"scopeLogs":[{"scope":{"name":"trapline"},"logRecords":[)",
    ",",
    "]}]}]}",
    true};

}  // namespace

const WebhookFrame& frame_of(WebhookFormat format) {
  switch (format) {
    case WebhookFormat::json: return kJsonFrame;
    case WebhookFormat::otlp: return kOtlpFrame;
    case WebhookFormat::alertmanager: return kAlertsFrame;
    default: return kSingleFrame;
  }
}

bool takes(WebhookFormat format, const rules::RoutedTrap& event) {
  const bool paired = event.verdict.state != rules::State::event;
  switch (format) {
    case WebhookFormat::pagerduty: return paired;
    case WebhookFormat::alertmanager: return paired && !event.verdict.labels.empty();
    default: return true;
  }
}

}  // namespace trapline::sinks
