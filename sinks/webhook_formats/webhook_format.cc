#include "sinks/webhook_formats/webhook_format.h"

namespace trapline::sinks {
namespace {

constexpr std::string_view kJson = "application/json";
constexpr WebhookFrame kJsonFrame{kJson, true, "[", ",", "]", false};
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
    default: return kSingleFrame;
  }
}

bool takes(WebhookFormat format, const rules::RoutedTrap& event) {
  return format != WebhookFormat::pagerduty || event.verdict.state != rules::State::event;
}

}  // namespace trapline::sinks
