// Small files that are replaced as a whole: after a crash there is the old content or the new.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "base/bytes.h"
#include "gateway/journal/fs.h"

namespace trapline::gateway {

// Writes `pieces` to a new file in `directory`, syncs it, and gives it `name` in one step, which is
// durable when this returns. `before_sync`, for tests that kill the process there, may be empty. On
// failure the file of that name is as it was.
[[nodiscard]] journal::FsResult<void> replace_file(journal::Fs& fs, const std::string& directory,
                                                   const std::string& name,
                                                   std::span<const base::Bytes> pieces,
                                                   const std::function<void()>& before_sync = {});

}  // namespace trapline::gateway
