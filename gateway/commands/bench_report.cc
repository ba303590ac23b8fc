#include "gateway/commands/bench_report.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace trapline::gateway {
namespace {

using Json = nlohmann::ordered_json;

double in_secs(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

double in_us(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

double per_sec(std::uint64_t count, std::chrono::nanoseconds time) {
  return time.count() > 0 ? static_cast<double>(count) / in_secs(time) : 0;
}

Json json_of(const load::LoadOptions& options, const load::LoadResult& result) {
  Json json = {{"kind", protocol::name_of(options.kind)},
               {"version", protocol::name_of(options.version)},
               {"run", fmt::format("{:08x}", options.run)},
               {"message_bytes", result.message_bytes},
               {"sources", options.sources},
               {"sent", result.sent},
               {"refused", result.refused},
               {"secs", in_secs(result.sending)},
               {"sent_per_sec", per_sec(result.sent, result.sending)}};
  if (options.per_sec) json["wanted_per_sec"] = *options.per_sec;
  if (options.kind == protocol::PduKind::trap) return json;
  const load::LatencyHistogram& latency = result.latency;
  json["window"] = options.window;
  json["acknowledged"] = result.acknowledged;
  json["acknowledged_per_sec"] = per_sec(result.acknowledged, result.whole);
  json["retransmitted"] = result.retransmitted;
  json["unanswered"] = result.unanswered;
  json["stray_responses"] = result.stray;
  json["latency_us"] = {{"p50", in_us(latency.quantile(0.50))},
                        {"p90", in_us(latency.quantile(0.90))},
                        {"p99", in_us(latency.quantile(0.99))},
                        {"max", in_us(latency.max())}};
  return json;
}

Json json_of(const VerifyReport& report) {
  Json runs = Json::array();
  for (const auto& [run, audit] : report.audit.runs()) {
    runs.push_back({{"run", fmt::format("{:08x}", run)},
                    {"expected", audit.expected},
                    {"found", audit.found},
                    {"missing", audit.missing()},
                    {"repeated", audit.repeated},
                    {"out_of_order", audit.out_of_order},
                    {"out_of_order_source", audit.out_of_order_source}});
  }
  return {{"lines", report.audit.lines()},
          {"torn_lines", report.audit.torn_lines()},
          {"unmarked_lines", report.audit.unmarked_lines()},
          {"repeated_ids", report.audit.repeated_ids()},
          {"acknowledged", report.acknowledged},
          {"acknowledged_missing", report.acknowledged_missing},
          {"clean", is_clean(report)},
          {"runs", runs}};
}

}  // namespace

std::string report_load(const load::LoadOptions& options, const load::LoadResult& result,
                        bool json) {
  if (json) return json_of(options, result).dump() + "\n";
  std::string text =
      fmt::format("run {:08x}: {} {}s of {} octets sent in {:.2f} s, {:.0f} a second\n",
                  options.run, result.sent, protocol::name_of(options.kind), result.message_bytes,
                  in_secs(result.sending), per_sec(result.sent, result.sending));
  if (result.refused > 0) text += fmt::format("{} were refused by the kernel\n", result.refused);
  if (options.kind == protocol::PduKind::trap) return text;
  const load::LatencyHistogram& latency = result.latency;
  text += fmt::format("{} acknowledged, {:.0f} a second; {} sent again, {} unanswered\n",
                      result.acknowledged, per_sec(result.acknowledged, result.whole),
                      result.retransmitted, result.unanswered);
  text += fmt::format("latency: p50 {:.0f} us, p90 {:.0f} us, p99 {:.0f} us, max {:.0f} us\n",
                      in_us(latency.quantile(0.50)), in_us(latency.quantile(0.90)),
                      in_us(latency.quantile(0.99)), in_us(latency.max()));
  return text;
}

bool is_clean(const VerifyReport& report) {
  const auto& runs = report.audit.runs();
  return report.audit.torn_lines() == 0 && report.audit.repeated_ids() == 0 &&
         report.acknowledged_missing == 0 &&
         std::all_of(runs.begin(), runs.end(), [](const auto& run) {
           return run.second.missing() == 0 && run.second.repeated == 0;
         });
}

std::string report_verify(const VerifyReport& report, bool json) {
  if (json) return json_of(report).dump() + "\n";
  const load::MarkAudit& audit = report.audit;
  std::string text =
      fmt::format("{} lines: {} torn, {} not of a bench, {} repeat an event id\n", audit.lines(),
                  audit.torn_lines(), audit.unmarked_lines(), audit.repeated_ids());
  for (const auto& [run, found] : audit.runs()) {
    text += fmt::format(
        "run {:08x}: {} of {} found, {} missing, {} repeated, {} out of order ({} of them within "
        "their source)\n",
        run, found.found, found.expected, found.missing(), found.repeated, found.out_of_order,
        found.out_of_order_source);
  }
  if (report.acknowledged > 0) {
    text += fmt::format("{} informs were acknowledged, {} of them are missing\n",
                        report.acknowledged, report.acknowledged_missing);
  }
  return text;
}

}  // namespace trapline::gateway
