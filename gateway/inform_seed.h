// The secret seed of the informs' digests, kept so that a resend is known after a restart.
#pragma once

#include <cstdint>
#include <string>

#include "base/random.h"
#include "gateway/journal/fs.h"

namespace trapline::gateway {

// Reads <data_dir>/inform_seed, or makes it (durably) when it is missing or damaged. When it cannot
// be kept the seed still serves this process: resends across the restart are then stored twice.
[[nodiscard]] std::uint64_t load_inform_seed(journal::Fs& fs, const std::string& data_dir,
                                             base::Random& random);

}  // namespace trapline::gateway
