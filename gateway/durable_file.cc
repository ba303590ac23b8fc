#include "gateway/durable_file.h"

namespace trapline::gateway {

journal::FsResult<void> replace_file(journal::Fs& fs, const std::string& directory,
                                     const std::string& name, std::span<const base::Bytes> pieces,
                                     const std::function<void()>& before_sync) {
  const std::string path = directory + "/" + name;
  const std::string fresh = path + ".new";
  (void)fs.unlink(fresh);
  {
    const auto file = fs.open(fresh, journal::OpenMode::create_exclusive);
    if (!file) return file.error();
    if (const auto written = (*file)->write_at(0, pieces); !written) return written;
    if (before_sync) before_sync();
    if (const auto synced = (*file)->sync(); !synced) return synced;
  }
  if (const auto renamed = fs.rename(fresh, path); !renamed) return renamed;
  return fs.sync_directory(directory);
}

}  // namespace trapline::gateway
