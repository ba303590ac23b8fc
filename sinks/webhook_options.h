// What a webhook sink is told.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/secret.h"
#include "sinks/net/http_client.h"
#include "sinks/net/standard_webhooks.h"
#include "sinks/webhook_formats/webhook_format.h"

namespace trapline::sinks {

// How events are put together into one request, for formats that take several.
struct BatchOptions {
  std::uint32_t events = 1;
  std::uint64_t bytes = 1'048'576;
  std::chrono::milliseconds wait{0};  // for more, once there is one
};

// As configured under `sinks` with type `webhook`. Move-only, because of the secrets.
struct WebhookSinkOptions {
  WebhookFormat format = WebhookFormat::json;
  HttpTarget target;
  std::vector<std::pair<std::string, base::Secret>> headers;
  base::Secret routing_key;  // pagerduty
  std::optional<WebhookSigner> signer;
  BatchOptions batch;
  unsigned lanes = 1;
  std::chrono::seconds resend{60};  // alertmanager
};

}  // namespace trapline::sinks
