#include "gateway/report_budget.h"

#include <algorithm>

namespace trapline::gateway {
namespace {

SourcesConfig limited() {
  SourcesConfig sources;
  sources.limit = {ReportBudget::kPerSourcePerSec, ReportBudget::kPerSourcePerSec};
  return sources;
}

}  // namespace

ReportBudget::Accounts::Accounts(std::uint64_t seed) : per_source(limited(), seed) {}

// The common account is looked at first: while it is empty, nobody's own is touched.
bool ReportBudget::grant(const base::IpAddress& source, base::BootTime now) {
  return accounts_.with([&](Accounts& accounts) {
    const std::chrono::duration<double> passed = now - accounts.filled_at;
    accounts.tokens =
        std::min<double>(kPerSec, accounts.tokens + std::max(passed.count(), 0.0) * kPerSec);
    accounts.filled_at = std::max(accounts.filled_at, now);
    if (accounts.tokens < 1) return false;
    if (accounts.per_source.admit(source, now) != Admitted::yes) return false;
    accounts.tokens -= 1;
    return true;
  });
}

}  // namespace trapline::gateway
