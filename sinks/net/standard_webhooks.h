// Signatures of webhooks as Standard Webhooks defines them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace trapline::sinks {

// Signs requests with one secret. Immutable: any thread.
class WebhookSigner {
 public:
  // From "whsec_" and 24 to 64 octets in base64; nothing when it is not that.
  [[nodiscard]] static std::optional<WebhookSigner> from(base::Bytes secret);

  // The value of `webhook-signature`: "v1," and the base64 of HMAC-SHA256 over "id.timestamp.body".
  [[nodiscard]] std::string sign(std::string_view id, std::int64_t timestamp,
                                 std::string_view body) const;

 private:
  explicit WebhookSigner(std::string_view key) : key_(key) {}

  base::Secret key_;
};

}  // namespace trapline::sinks
