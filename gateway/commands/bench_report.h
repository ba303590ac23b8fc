// What `trapline bench` prints: for people, or as one line of JSON.
#pragma once

#include <string>

#include "gateway/load/load_options.h"
#include "gateway/load/mark_audit.h"

namespace trapline::gateway {

// The result of a run; ends in a line feed.
[[nodiscard]] std::string report_load(const load::LoadOptions& options,
                                      const load::LoadResult& result, bool json);

// What `--verify` found. Plain value; views the audit.
struct VerifyReport {
  const load::MarkAudit& audit;
  std::uint64_t acknowledged = 0;          // informs listed by `--acked`
  std::uint64_t acknowledged_missing = 0;  // of those, not in the output
};

// True when nothing is missing, repeated, torn or twice under one id. Order is not judged: informs
// that were sent again arrive late.
[[nodiscard]] bool is_clean(const VerifyReport& report);
// What was found; ends in a line feed.
[[nodiscard]] std::string report_verify(const VerifyReport& report, bool json);

}  // namespace trapline::gateway
