#include "gateway/status.h"

#include <nlohmann/json.hpp>

#include "generated/version.h"
#include "sinks/time_text.h"

namespace trapline::gateway {
namespace {

using Json = nlohmann::ordered_json;

// The counters of an array indexed by an enum, those that are not zero, by name.
template <class Enum, std::size_t N>
Json by_name(const std::array<std::uint64_t, N>& counters) {
  Json out = Json::object();
  for (std::size_t i = 0; i < N; ++i) {
    if (counters[i] != 0) out[std::string(name_of(static_cast<Enum>(i)))] = counters[i];
  }
  return out;
}

Json ledger_json(const Books& books) {
  const ReceptionCounts& counts = books.reception;
  return {{"received", counts.received},
          {"malformed", counts.malformed_total()},
          {"refused", counts.refused_total()},
          {"limited", counts.limited},
          {"shed", counts.shed},
          {"protocol", counts.protocol},
          {"duplicate", counts.duplicate},
          {"accepted", counts.accepted},
          {"in_flight", counts.in_flight},
          {"difference", counts.difference()},
          {"kernel_drops", books.kernel_drops},
          {"recovered", books.recovered},
          {"synthetic", books.synthetic},
          {"decided", books.decided},
          {"awaiting", books.awaiting},
          {"lost", books.lost},
          {"decision_difference", books.decision_difference},
          {"responses", counts.responses},
          {"responses_failed", counts.responses_failed},
          {"reports", counts.reports},
          {"reports_withheld", counts.reports_withheld}};
}

Json reasons_json(const ReceptionCounts& counts) {
  Json malformed = by_name<protocol::DecodeErrorKind>(counts.malformed);
  if (counts.oversized != 0) malformed["oversized"] = counts.oversized;
  return {{"malformed", malformed}, {"refused", by_name<RefusalReason>(counts.refused)}};
}

// RFC 3339; empty when nothing ever failed.
std::string last_error_at(const SinkReport& report) {
  if (report.last_error.empty()) return {};
  const auto text = sinks::rfc3339(report.last_error_at);
  return {text.data(), text.size()};
}

Json sink_json(const SinkBooks& sink) {
  return {{"name", sink.report.name},
          {"state", sink.report.state},
          {"routed", sink.routed},
          {"delivered", sink.report.delivered},
          {"dead_lettered", sink.report.dead_lettered},
          {"skipped", sink.report.skipped},
          {"pending", sink.pending},
          {"difference", sink.difference},
          {"retries", sink.report.retries},
          {"last_error_at", last_error_at(sink.report)},
          {"last_error", sink.report.last_error}};
}

Json journal_json(const journal::JournalStats& stats, const journal::Recovered& recovered) {
  return {{"durable_lsn", stats.durable.value},
          {"writable", stats.writable},
          {"trouble", stats.trouble},
          {"segments", stats.segments},
          {"bytes", stats.bytes},
          {"pinned_bytes", stats.pinned_bytes},
          {"max_bytes", stats.max_bytes},
          {"commits", stats.commits},
          {"committed_bytes", stats.committed_bytes},
          {"failed_syncs", stats.failed_syncs},
          {"ring_bytes", stats.ring_bytes},
          {"queued_bytes", stats.queued_bytes},
          {"queued_events", stats.queued_events},
          {"file_reads", stats.file_reads},
          {"damaged_records", stats.damaged_records},
          {"recovery",
           {{"segments", recovered.segments},
            {"scanned_bytes", recovered.scanned_bytes},
            {"truncated_bytes", recovered.truncated_bytes},
            {"damaged_bytes", recovered.damaged_bytes},
            {"missing_segments", recovered.missing_segments}}}};
}

Json v3_json(const std::optional<V3Report>& v3) {
  if (!v3) return nullptr;
  Json json = {{"engine_id", v3->engine_id},
               {"engine_boots", v3->engine_boots},
               {"engine_time", v3->engine_time},
               {"users", v3->users},
               {"remote_engines", v3->remote_engines}};
  static constexpr std::array<const char*, 6> kStats = {
      "usmStatsUnsupportedSecLevels", "usmStatsNotInTimeWindows", "usmStatsUnknownUserNames",
      "usmStatsUnknownEngineIDs",     "usmStatsWrongDigests",     "usmStatsDecryptionErrors"};
  for (std::size_t i = 0; i < kStats.size(); ++i) json[kStats[i]] = v3->usm_stats[i];
  return json;
}

Json rules_json(const std::optional<RuleReport>& report) {
  Json rules = Json::array();
  if (!report) return rules;
  for (const auto& [name, figures] : report->rules) {
    rules.push_back({{"name", name},
                     {"matched", figures.matched},
                     {"condition_errors", figures.condition_errors},
                     {"action_errors", figures.action_errors},
                     {"missing_values", figures.missing_values}});
  }
  return rules;
}

Json rule_state_json(const std::optional<RuleReport>& report) {
  if (!report) return nullptr;
  return {{"rules", report->loaded},          {"problems", report->state.problems},
          {"keys", report->state.keys},       {"bytes", report->state.bytes},
          {"evicted", report->state.evicted}, {"problems_evicted", report->state.problems_evicted}};
}

Json packets_json(const PollerCounters& packets) {
  return {{"sent", packets.sent},
          {"send_failed", packets.send_failed},
          {"retries", packets.retries},
          {"received", packets.received},
          {"answered", packets.answered},
          {"reports", packets.reports},
          {"late", packets.late},
          {"duplicates", packets.duplicates},
          {"unmatched", packets.unmatched},
          {"wrong_source", packets.wrong_source},
          {"malformed", packets.malformed},
          {"timeouts", packets.timeouts},
          {"overloaded", packets.overloaded}};
}

Json enrichment_json(const StatusReport& report) {
  const EnricherFigures& asked = report.enrichment;
  return {{"waiting", report.rules ? report.rules->waiting : 0},
          {"answers", report.rules ? report.rules->answers : 0},
          {"wishes", asked.wishes},
          {"shared", asked.shared},
          {"asked", asked.asked},
          {"no_device", asked.no_device},
          {"closed", asked.closed},
          {"refused", asked.refused},
          {"answered", asked.answered},
          {"failed", asked.failed},
          {"silent", asked.silent},
          {"open", asked.open},
          {"unreachable_devices", asked.unreachable_devices},
          {"packets", packets_json(report.enrichment_packets)}};
}

}  // namespace

std::string status_json(const StatusReport& report) {
  Json listeners = Json::array();
  for (const ListenerReport& listener : report.listeners) {
    listeners.push_back({{"name", listener.name},
                         {"local", listener.local},
                         {"kernel_drops", listener.kernel_drops},
                         {"receive_buffer_bytes", listener.receive_buffer_bytes}});
  }
  Json sinks = Json::array();
  for (const SinkBooks& sink : report.books.sinks) sinks.push_back(sink_json(sink));
  const Json document = {
      {"version", kVersion},
      {"node", report.node},
      {"uptime_secs", report.uptime.count()},
      {"ready", report.ready},
      {"trouble", report.journal.trouble},
      {"ledger", ledger_json(report.books)},
      {"reasons", reasons_json(report.books.reception)},
      {"tolerances", by_name<protocol::Tolerance>(report.books.reception.tolerances)},
      {"listeners", listeners},
      {"sinks", sinks},
      {"rules", rules_json(report.rules)},
      {"rule_state", rule_state_json(report.rules)},
      {"enrichment", enrichment_json(report)},
      {"duplicate_entries", report.duplicate_entries},
      {"v3", v3_json(report.v3)},
      {"journal", journal_json(report.journal, report.recovered)}};
  // Paths may hold any octet.
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void log_books(base::Log& log, std::string_view id, std::string_view message, const Books& books) {
  const ReceptionCounts& counts = books.reception;
  log.write(base::LogLevel::info, id, message,
            {{"received", counts.received},
             {"malformed", counts.malformed_total()},
             {"refused", counts.refused_total()},
             {"limited", counts.limited},
             {"shed", counts.shed},
             {"protocol", counts.protocol},
             {"duplicate", counts.duplicate},
             {"accepted", counts.accepted},
             {"in_flight", counts.in_flight},
             {"kernel_drops", books.kernel_drops},
             {"recovered", books.recovered},
             {"synthetic", books.synthetic},
             {"decided", books.decided},
             {"awaiting", books.awaiting},
             {"lost", books.lost},
             {"balanced", books.balance() ? "yes" : "no"}});
  for (const SinkBooks& sink : books.sinks) {
    log.write(base::LogLevel::info, id, "sink",
              {{"sink", sink.report.name},
               {"routed", sink.routed},
               {"delivered", sink.report.delivered},
               {"dead_lettered", sink.report.dead_lettered},
               {"skipped", sink.report.skipped},
               {"pending", sink.pending},
               {"difference", sink.difference}});
  }
}

}  // namespace trapline::gateway
