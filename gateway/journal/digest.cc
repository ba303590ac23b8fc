#include "gateway/journal/digest.h"

#include <xxhash.h>

namespace trapline::gateway::journal {
namespace {

std::uint64_t mix(std::string_view text, std::uint64_t seed) {
  return text.empty() ? seed : XXH3_64bits_withSeed(text.data(), text.size(), seed);
}

}  // namespace

InformDigest inform_digest(const protocol::TrapMessage& message, base::Bytes pdu,
                           std::uint64_t seed) {
  const auto& source = message.peer.ip.octets();
  const std::uint64_t from = XXH3_64bits_withSeed(source.data(), source.size(), seed);
  seed = mix(message.version == protocol::Version::v3 ? message.security.name : message.community,
             from + static_cast<std::uint64_t>(message.version));
  seed = mix(base::as_text(message.security.engine_id), seed);
  seed = mix(base::as_text(message.security.context_engine_id), seed);
  seed = mix(message.security.context_name, seed);
  const XXH128_hash_t hash = XXH3_128bits_withSeed(pdu.data(), pdu.size(), seed);
  return {(hash.low64 & ~std::uint64_t{0xff}) | (from & 0xfe) | 1U, hash.high64};
}

InformDigest content_digest(base::Bytes content, std::uint64_t seed) {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(content.data(), content.size(), seed);
  return {hash.low64 | 1U, hash.high64};
}

}  // namespace trapline::gateway::journal
