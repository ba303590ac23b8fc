// Who we are as an SNMP engine: engineID and boots, kept in the data directory (RFC 3414 §2.2).
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "gateway/journal/fs.h"
#include "protocol/usm/local_engine.h"

namespace trapline::gateway {

// Octets of an engineID of ours at most: a longer one would let Reports outgrow what they answer.
inline constexpr std::size_t kMaxOwnEngineIdBytes = 17;

// Reads `<data_dir>/engine`, counts this start, and makes that durable before it returns: no two
// starts ever share their boots. Without that file a new engineID is made (12 octets, RFC 3411 §5
// in the form "octets"), unless `configured` gives one. Its boots are never below the minutes since
// 2020, so that they rise from one gateway to another that is this engine in turn, and without the
// file. Failing, says why in one line, with what to do.
[[nodiscard]] base::Result<protocol::usm::LocalEngine, std::string> load_engine_identity(
    journal::Fs& fs, const std::string& data_dir, const std::vector<std::byte>& configured,
    const base::Clock& clock, base::Random& random);

}  // namespace trapline::gateway
