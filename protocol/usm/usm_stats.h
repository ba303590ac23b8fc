// usmStats (RFC 3414 §5): which counter a refusal is counted by, and the Report that carries it.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "protocol/ber_back_writer.h"
#include "protocol/usm/local_engine.h"
#include "protocol/usm/v3_trace.h"

namespace trapline::protocol::usm {

// One of the six counters: 1.3.6.1.6.3.15.1.1.`arc`.0. Plain value.
struct UsmStat {
  std::uint8_t arc = 0;
  std::atomic<std::uint32_t> UsmStats::*counter = nullptr;
};

// The counter of a refusal; nothing for those that USM does not count.
[[nodiscard]] std::optional<UsmStat> stat_of(V3Refusal refusal);

// Puts a Report-PDU with one counter in front of what `writer` has (RFC 3412 §7.1 step 3).
void put_report_pdu(UsmStat stat, std::uint32_t value, std::int32_t request_id,
                    BerBackWriter& writer);

}  // namespace trapline::protocol::usm
