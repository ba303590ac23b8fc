#include "protocol/usm/usm_stats.h"

#include <array>

#include "protocol/ber_reader.h"
#include "protocol/well_known.h"

namespace trapline::protocol::usm {

std::optional<UsmStat> stat_of(V3Refusal refusal) {
  switch (refusal) {
    case V3Refusal::unsupported_level:
    case V3Refusal::level_too_low: return UsmStat{1, &UsmStats::unsupported_sec_levels};
    case V3Refusal::not_in_time_window: return UsmStat{2, &UsmStats::not_in_time_windows};
    case V3Refusal::unknown_user:
    case V3Refusal::engine_not_allowed: return UsmStat{3, &UsmStats::unknown_user_names};
    case V3Refusal::discovery:
    case V3Refusal::unknown_engine:
    case V3Refusal::inform_for_other_engine: return UsmStat{4, &UsmStats::unknown_engine_ids};
    case V3Refusal::wrong_digest: return UsmStat{5, &UsmStats::wrong_digests};
    case V3Refusal::decryption_failed: return UsmStat{6, &UsmStats::decryption_errors};
    case V3Refusal::none:
    case V3Refusal::unreadable_plaintext: return std::nullopt;
  }
  return std::nullopt;
}

void put_report_pdu(UsmStat stat, std::uint32_t value, std::int32_t request_id,
                    BerBackWriter& writer) {
  const std::size_t before = writer.size();
  const auto counter = well_known::below_internet(6, 3, 15, 1, 1, stat.arc, 0);
  writer.put_signed(tag::kCounter32, value);
  writer.put(tag::kObjectIdentifier, counter);
  writer.close(tag::kSequence, before);
  writer.close(tag::kSequence, before);
  writer.put_signed(tag::kInteger, 0);
  writer.put_signed(tag::kInteger, 0);
  writer.put_signed(tag::kInteger, request_id);
  writer.close(tag::kReport, before);
}

}  // namespace trapline::protocol::usm
