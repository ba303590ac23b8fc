#include "sinks/file_sink_compression.h"

#include <memory>
#include <utility>

#include <zstd.h>

namespace trapline::sinks {
namespace {

constexpr int kLevel = 3;
constexpr std::size_t kChunkBytes = 256ULL << 10;

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};
using Context = std::unique_ptr<ZSTD_CCtx, FreeContext>;

// Feeds `input` to the compressor and appends what comes out; `last` ends the frame.
FileResult<void> compress_chunk(ZSTD_CCtx& context, std::string_view input, bool last,
                                std::string& room, File& target) {
  ZSTD_inBuffer in{input.data(), input.size(), 0};
  while (true) {
    ZSTD_outBuffer out{room.data(), room.size(), 0};
    const std::size_t left =
        ZSTD_compressStream2(&context, &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
    if (ZSTD_isError(left) != 0) return std::make_error_code(std::errc::not_enough_memory);
    const auto written = target.append(std::string_view(room).substr(0, out.pos));
    if (!written) return written.error();
    if (last ? left == 0 : in.pos == in.size) return {};
  }
}

FileResult<void> compress_all(File& source, File& target, const std::stop_token& stop) {
  const Context context(ZSTD_createCCtx());
  if (!context) return std::make_error_code(std::errc::not_enough_memory);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  std::string input(kChunkBytes, '\0');
  std::string room(ZSTD_CStreamOutSize(), '\0');
  for (std::uint64_t offset = 0;;) {
    if (stop.stop_requested()) return std::make_error_code(std::errc::operation_canceled);
    const auto read = source.read_at(offset, input);
    if (!read) return read.error();
    offset += *read;
    const bool last = *read < input.size();
    const auto done =
        compress_chunk(*context, std::string_view(input).substr(0, *read), last, room, target);
    if (!done) return done.error();
    if (last) return {};
  }
}

// Makes `part`, whole and synced.
FileResult<void> write_part(Files& files, const std::string& path, const std::string& part,
                            const std::stop_token& stop) {
  const auto source = files.open(path, FileMode::read);
  if (!source) return source.error();
  // One may be left over from a process that was killed.
  [[maybe_unused]] const auto removed = files.remove(part);
  const auto target = files.open(part, FileMode::create_new);
  if (!target) return target.error();
  if (const auto done = compress_all(**source, **target, stop); !done) return done.error();
  return (*target)->sync();
}

}  // namespace

FileResult<void> compress_file(Files& files, const std::string& path, const std::stop_token& stop) {
  const std::string whole = path + std::string(kCompressedSuffix);
  const std::string part = whole + std::string(kPartSuffix);
  if (const auto written = write_part(files, path, part, stop); !written) {
    [[maybe_unused]] const auto removed = files.remove(part);
    return written.error();
  }
  if (const auto renamed = files.rename(part, whole); !renamed) return renamed.error();
  return files.remove(path);
}

FileSinkCompression::FileSinkCompression(Files& files, const std::string& active_path,
                                         std::uint32_t keep)
    : files_(files),
      rolled_(files, active_path),
      keep_(keep),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

FileSinkCompression::~FileSinkCompression() = default;

void FileSinkCompression::compress(std::vector<std::string> paths) {
  const std::lock_guard lock(mutex_);
  wanted_ = std::move(paths);
  changed_.notify_all();
}

void FileSinkCompression::wait_until_idle() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return wanted_.empty() && !busy_; });
}

void FileSinkCompression::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return !wanted_.empty(); })) {
    const std::vector<std::string> paths = std::exchange(wanted_, {});
    busy_ = true;
    lock.unlock();
    pass(paths, stop);
    lock.lock();
    busy_ = false;
    changed_.notify_all();
  }
}

void FileSinkCompression::pass(const std::vector<std::string>& paths,
                               const std::stop_token& stop) const {
  for (const std::string& path : paths) {
    if (path.ends_with(kCompressedSuffix)) continue;
    if (!compress_file(files_, path, stop) || stop.stop_requested()) break;
  }
  rolled_.remove_excess(keep_);
}

}  // namespace trapline::sinks
