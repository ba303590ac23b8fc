#include "protocol/usm/v3_trace.h"

namespace trapline::protocol::usm {

std::string_view name_of(V3Refusal refusal) {
  switch (refusal) {
    case V3Refusal::none: return "none";
    case V3Refusal::discovery: return "discovery";
    case V3Refusal::unknown_engine: return "unknown_engine";
    case V3Refusal::unknown_user: return "unknown_user";
    case V3Refusal::unsupported_level: return "unsupported_level";
    case V3Refusal::level_too_low: return "level_too_low";
    case V3Refusal::engine_not_allowed: return "engine_not_allowed";
    case V3Refusal::wrong_digest: return "wrong_digest";
    case V3Refusal::not_in_time_window: return "not_in_time_window";
    case V3Refusal::decryption_failed: return "decryption_failed";
    case V3Refusal::unreadable_plaintext: return "unreadable_plaintext";
    case V3Refusal::inform_for_other_engine: return "inform_for_other_engine";
  }
  return "unknown";
}

}  // namespace trapline::protocol::usm
