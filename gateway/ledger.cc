#include "gateway/ledger.h"

#include <numeric>

namespace trapline::gateway {
namespace {

template <std::size_t N>
std::uint64_t sum(const std::array<std::uint64_t, N>& counters) {
  return std::accumulate(counters.begin(), counters.end(), std::uint64_t{0});
}

template <std::size_t N>
void add_each(std::array<std::uint64_t, N>& to, const std::array<std::uint64_t, N>& from) {
  for (std::size_t i = 0; i < N; ++i) to[i] += from[i];
}

}  // namespace

std::string_view name_of(RefusalReason reason) {
  switch (reason) {
    case RefusalReason::source_not_allowed: return "source_not_allowed";
    case RefusalReason::unknown_community: return "unknown_community";
    case RefusalReason::community_source: return "community_source";
    case RefusalReason::version_not_supported: return "version_not_supported";
    case RefusalReason::unknown_user: return "unknown_user";
    case RefusalReason::unsupported_level: return "unsupported_level";
    case RefusalReason::level_too_low: return "level_too_low";
    case RefusalReason::engine_not_allowed: return "engine_not_allowed";
    case RefusalReason::wrong_digest: return "wrong_digest";
    case RefusalReason::not_in_time_window: return "not_in_time_window";
    case RefusalReason::decryption_failed: return "decryption_failed";
    case RefusalReason::unreadable_plaintext: return "unreadable_plaintext";
    case RefusalReason::inform_for_other_engine: return "inform_for_other_engine";
  }
  return "unknown";
}

std::uint64_t ReceptionCounts::malformed_total() const { return sum(malformed) + oversized; }
std::uint64_t ReceptionCounts::refused_total() const { return sum(refused); }

std::int64_t ReceptionCounts::difference() const {
  return static_cast<std::int64_t>(received - malformed_total() - refused_total() - limited - shed -
                                   protocol - duplicate - accepted - in_flight);
}

void ReceptionCounts::add(const ReceptionCounts& batch) {
  received += batch.received;
  received_bytes += batch.received_bytes;
  oversized += batch.oversized;
  add_each(malformed, batch.malformed);
  add_each(refused, batch.refused);
  limited += batch.limited;
  shed += batch.shed;
  protocol += batch.protocol;
  duplicate += batch.duplicate;
  accepted += batch.accepted;
  in_flight += batch.in_flight;
  responses += batch.responses;
  responses_failed += batch.responses_failed;
  reports += batch.reports;
  reports_withheld += batch.reports_withheld;
  add_each(tolerances, batch.tolerances);
}

void Ledger::enter(const ReceptionCounts& batch) {
  counts_.with([&](ReceptionCounts& counts) { counts.add(batch); });
}

void Ledger::committed(std::uint64_t events, std::uint64_t responses, std::uint64_t attempted) {
  counts_.with([&](ReceptionCounts& counts) {
    counts.in_flight -= events;
    counts.accepted += events;
    counts.responses += responses;
    counts.responses_failed += attempted - responses;
  });
}

ReceptionCounts Ledger::counts() const {
  return counts_.with([](const ReceptionCounts& counts) { return counts; });
}

}  // namespace trapline::gateway
