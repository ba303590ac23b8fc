#include "sinks/net/standard_webhooks.h"

#include <array>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace trapline::sinks {
namespace {

constexpr std::string_view kPrefix = "whsec_";
constexpr std::size_t kLeastKeyBytes = 24;
constexpr std::size_t kMostKeyBytes = 64;
constexpr std::size_t kMostBase64Bytes = 88;  // of 64 octets
constexpr std::size_t kDigestBytes = 32;

}  // namespace

std::optional<WebhookSigner> WebhookSigner::from(base::Bytes secret) {
  std::string_view text = base::as_text(secret);
  if (!text.starts_with(kPrefix)) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  if (text.empty() || text.size() > kMostBase64Bytes || text.size() % 4 != 0) return std::nullopt;
  std::array<unsigned char, kMostBase64Bytes> key{};
  const int decoded =
      EVP_DecodeBlock(key.data(), reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size()));
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  std::optional<WebhookSigner> signer;
  if (decoded >= 0 && static_cast<std::size_t>(decoded) - padding >= kLeastKeyBytes &&
      static_cast<std::size_t>(decoded) - padding <= kMostKeyBytes) {
    signer = WebhookSigner(
        {reinterpret_cast<const char*>(key.data()), static_cast<std::size_t>(decoded) - padding});
  }
  OPENSSL_cleanse(key.data(), key.size());
  return signer;
}

std::string WebhookSigner::sign(std::string_view id, std::int64_t timestamp,
                                std::string_view body) const {
  std::string signed_text(id);
  signed_text.append(".").append(std::to_string(timestamp)).append(".").append(body);
  std::array<unsigned char, kDigestBytes> digest{};
  unsigned size = 0;
  const base::Bytes key = key_.reveal();
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(signed_text.data()), signed_text.size(),
       digest.data(), &size);
  std::array<unsigned char, 4 * ((kDigestBytes + 2) / 3) + 1> text{};
  EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(size));
  return "v1," + std::string(reinterpret_cast<const char*>(text.data()));
}

}  // namespace trapline::sinks
