// How many Reports may be sent to those who have not shown who they are: an engine that answers
// everybody can be made to flood somebody.
#pragma once

#include "base/clock.h"
#include "base/guarded.h"
#include "base/ip_address.h"
#include "gateway/admission.h"

namespace trapline::gateway {

// 10 a second per source and 1,000 a second in all. Any thread; memory is fixed.
class ReportBudget {
 public:
  static constexpr std::uint32_t kPerSourcePerSec = 10;
  static constexpr std::uint32_t kPerSec = 1'000;

  // `seed` as for Admission.
  explicit ReportBudget(std::uint64_t seed) : accounts_(seed) {}

  // True when one more Report may go to `source` now.
  [[nodiscard]] bool grant(const base::IpAddress& source, base::BootTime now);

 private:
  struct Accounts {
    explicit Accounts(std::uint64_t seed);
    Admission per_source;
    double tokens = kPerSec;
    base::BootTime filled_at{};
  };

  base::Guarded<Accounts> accounts_;
};

}  // namespace trapline::gateway
