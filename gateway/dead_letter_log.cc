#include "gateway/dead_letter_log.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/core.h>

namespace trapline::gateway {
namespace {

using journal::Fs;
using journal::FsError;
using journal::FsResult;
using journal::Letter;
using journal::OpenMode;

constexpr std::string_view kSuffix = ".letters";

std::string file_name(std::uint64_t number) { return fmt::format("{:020}{}", number, kSuffix); }

// The number a file is named by.
std::optional<std::uint64_t> number_of(std::string_view name) {
  if (!name.ends_with(kSuffix)) return std::nullopt;
  name.remove_suffix(kSuffix.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  return number;
}

// Names of the files of letters, oldest first; none when the directory is missing.
FsResult<std::vector<std::string>> list_files(Fs& fs, const std::string& directory) {
  auto names = fs.list(directory);
  if (!names) {
    if (names.error() == FsError::not_found) return std::vector<std::string>();
    return names.error();
  }
  std::erase_if(*names, [](const std::string& name) { return !number_of(name); });
  std::ranges::sort(*names);
  return names;
}

FsResult<std::vector<std::byte>> read_whole(Fs& fs, const std::string& path) {
  const auto file = fs.open(path, OpenMode::read);
  if (!file) return file.error();
  const auto size = (*file)->size_bytes();
  if (!size) return size.error();
  std::vector<std::byte> octets(*size);
  const auto read = (*file)->read_at(0, octets);
  if (!read) return read.error();
  octets.resize(*read);
  return octets;
}

FsResult<void> write_file(Fs& fs, const std::string& path, base::Bytes octets) {
  const auto file = fs.open(path, OpenMode::create_exclusive);
  if (!file) return file.error();
  if (const auto written = (*file)->write_at(0, std::span(&octets, 1)); !written) return written;
  return (*file)->sync();
}

std::uint64_t count_letters(base::Bytes file) {
  std::uint64_t count = 0;
  for (std::size_t offset = 0; journal::read_letter(file, offset);) ++count;
  return count;
}

}  // namespace

std::string dead_letter_directory(const std::string& data_dir) { return data_dir + "/deadletters"; }

DeadLetterLog::DeadLetterLog(Fs& fs, std::string directory, base::Log& log, std::uint64_t max_bytes)
    : fs_(fs), directory_(std::move(directory)), log_(log), max_bytes_(max_bytes) {}

// Makes the directory, and finds the number behind the last letter; the first is 1.
FsResult<void> DeadLetterLog::find_place() {
  if (next_number_ != 0) return {};
  if (const auto made = fs_.make_directory(directory_); !made) return made;
  const auto names = list_files(fs_, directory_);
  if (!names) return names.error();
  std::uint64_t bytes = 0;
  std::uint64_t next = 1;
  for (const std::string& name : *names) {
    const auto octets = read_whole(fs_, directory_ + "/" + name);
    if (!octets) return octets.error();
    bytes += octets->size();
    next = std::max(next, *number_of(name) + count_letters(*octets));
  }
  bytes_ = bytes;
  next_number_ = next;
  return {};
}

FsResult<void> DeadLetterLog::write(base::Bytes octets) {
  const std::string path = directory_ + "/" + file_name(next_number_);
  if (const auto written = write_file(fs_, path, octets); !written) {
    (void)fs_.unlink(path);
    return written;
  }
  return fs_.sync_directory(directory_);
}

bool DeadLetterLog::append(std::span<Letter> letters, std::string& problem) {
  const std::lock_guard lock(mutex_);
  auto done = find_place();
  if (done) {
    std::vector<std::byte> octets;
    std::uint64_t number = next_number_;
    for (Letter& letter : letters) {
      letter.number = number++;
      append_letter(letter, octets);
    }
    done = write(octets);
    if (done) {
      next_number_ = number;
      bytes_ += octets.size();
      make_room();
      return true;
    }
  }
  problem = "cannot write to " + directory_ + ": " + std::string(name_of(done.error()));
  return false;
}

void DeadLetterLog::make_room() {
  if (bytes_ <= max_bytes_) return;
  const auto names = list_files(fs_, directory_);
  if (!names) return;
  std::uint64_t dropped = 0;
  for (std::size_t i = 0; i + 1 < names->size() && bytes_ > max_bytes_; ++i) {
    const std::string path = directory_ + "/" + (*names)[i];
    const auto octets = read_whole(fs_, path);
    if (!octets) continue;
    if (!fs_.unlink(path)) continue;
    bytes_ -= std::min<std::uint64_t>(bytes_, octets->size());
    dropped += count_letters(*octets);
  }
  if (dropped == 0) return;
  log_.write(base::LogLevel::warning, "deadletter.dropped",
             "the oldest dead letters were removed to make room",
             {{"letters", dropped}, {"max_bytes", max_bytes_}});
}

SinkDeadLetters::SinkDeadLetters(DeadLetterLog& log, const JournalOutcomes& outcomes,
                                 std::string sink, const base::Clock& clock)
    : log_(log), outcomes_(outcomes), sink_(std::move(sink)), clock_(clock) {}

void SinkDeadLetters::add(const rules::RoutedTrap& event, std::string_view reason,
                          std::uint32_t attempts) {
  auto kept = std::make_unique<Kept>();
  const auto& [outcome, origin] = outcomes_.current();
  kept->id = event.id;
  kept->reason = reason;
  kept->outcome.assign(outcome.payload.begin(), outcome.payload.end());
  kept->event.assign(origin.payload.begin(), origin.payload.end());
  kept->letter = {0, clock_.wall(), sink_, kept->id, kept->reason, attempts, outcome, origin};
  kept->letter.outcome.payload = kept->outcome;
  kept->letter.event.payload = kept->event;
  kept_.push_back(std::move(kept));
}

bool SinkDeadLetters::commit(std::string& problem) {
  std::vector<Letter> letters;
  for (const auto& kept : kept_) letters.push_back(kept->letter);
  const bool done = log_.append(letters, problem);
  kept_.clear();
  return done;
}

FsResult<void> read_dead_letters(Fs& fs, const std::string& directory,
                                 const std::function<bool(const Letter&)>& use) {
  const auto names = list_files(fs, directory);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    const auto octets = read_whole(fs, directory + "/" + name);
    if (!octets) {
      if (octets.error() == FsError::not_found) continue;  // removed a moment ago
      return octets.error();
    }
    std::size_t offset = 0;
    while (const auto letter = journal::read_letter(*octets, offset)) {
      if (!use(*letter)) return {};
    }
  }
  return {};
}

bool find_dead_letter(Fs& fs, const std::string& directory, std::uint64_t number,
                      const std::function<void(const Letter&)>& use) {
  const auto names = list_files(fs, directory);
  if (!names) return false;
  // The last file whose first letter's number is not above it.
  const auto behind = std::ranges::upper_bound(*names, file_name(number));
  if (behind == names->begin()) return false;
  const auto octets = read_whole(fs, directory + "/" + *std::prev(behind));
  if (!octets) return false;
  std::size_t offset = 0;
  while (const auto letter = journal::read_letter(*octets, offset)) {
    if (letter->number != number) continue;
    use(*letter);
    return true;
  }
  return false;
}

FsResult<std::uint64_t> drop_dead_letters(Fs& fs, const std::string& directory,
                                          const std::function<bool(const Letter&)>& wanted) {
  const auto names = list_files(fs, directory);
  if (!names) return names.error();
  std::uint64_t dropped = 0;
  for (const std::string& name : *names) {
    const std::string path = directory + "/" + name;
    const auto octets = read_whole(fs, path);
    if (!octets) return octets.error();
    std::vector<std::byte> left;
    std::uint64_t here = 0;
    std::size_t offset = 0;
    while (const auto letter = journal::read_letter(*octets, offset)) {
      if (wanted(*letter)) {
        ++here;
      } else {
        append_letter(*letter, left);
      }
    }
    if (here == 0) continue;
    dropped += here;
    if (left.empty()) {
      if (const auto removed = fs.unlink(path); !removed) return removed.error();
      continue;
    }
    const std::string fresh = path + ".new";
    (void)fs.unlink(fresh);
    if (const auto written = write_file(fs, fresh, left); !written) return written.error();
    if (const auto renamed = fs.rename(fresh, path); !renamed) return renamed.error();
  }
  if (dropped != 0) {
    if (const auto synced = fs.sync_directory(directory); !synced) return synced.error();
  }
  return dropped;
}

}  // namespace trapline::gateway
