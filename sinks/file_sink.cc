#include "sinks/file_sink.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "sinks/event_json.h"
#include "sinks/event_text.h"
#include "sinks/file_tail.h"
#include "sinks/snmptrapd_text.h"

namespace trapline::sinks {
namespace {

constexpr std::size_t kGatherBytes = 512ULL
                                     << 10;  // written at the latest when so much is gathered
constexpr std::string_view kIdInJson = R"({"schema":1,"id":")";
constexpr std::string_view kIdInText = " id=";

// How a file of ours begins; 0 stands for any digit.
std::string_view beginning_of(EventFormat format) {
  switch (format) {
    case EventFormat::json: return R"({"schema":)";
    case EventFormat::text: return "0000-00-00T";
    case EventFormat::snmptrapd: return "0000-00-00 ";
  }
  return {};
}

// Whether a file may be one of ours, by its first octets. A power loss may have left NULs.
bool may_begin_with(EventFormat format, std::string_view octets) {
  if (octets.starts_with('\0')) return true;
  const std::string_view expected = beginning_of(format);
  for (std::size_t i = 0; i < std::min(octets.size(), expected.size()); ++i) {
    const char octet = octets[i] >= '0' && octets[i] <= '9' ? '0' : octets[i];
    if (octet != expected[i]) return false;
  }
  return true;
}

}  // namespace

std::optional<std::string> id_in_line(EventFormat format, std::string_view line) {
  std::size_t end = line.size();
  std::size_t begin = 0;
  switch (format) {
    case EventFormat::json:
      if (!line.starts_with(kIdInJson)) return std::nullopt;
      begin = kIdInJson.size();
      end = line.find('"', begin);
      break;
    case EventFormat::text:
      begin = line.rfind(kIdInText);
      if (begin == std::string_view::npos) return std::nullopt;
      begin += kIdInText.size();
      break;
    case EventFormat::snmptrapd: return std::nullopt;
  }
  if (end == std::string_view::npos || end == begin) return std::nullopt;
  return std::string(line.substr(begin, end - begin));
}

FileSink::FileSink(FileSinkOptions options, Files& files, const base::Clock& clock,
                   const protocol::mib::MibIndex& mibs, EventJsonCache* cache)
    : options_(std::move(options)),
      files_(files),
      clock_(clock),
      mibs_(mibs),
      cache_(cache),
      rolled_(files, options_.path) {
  gathered_.reserve(kGatherBytes + kGatherBytes / 8);
}

bool FileSink::open(std::string& reason) {
  const auto opened = open_file();
  if (opened) return true;
  file_.reset();
  reason = "cannot open " + options_.path + ": ";
  if (opened.error() == std::errc::no_such_file_or_directory) {
    reason += "the directory " + directory_of(options_.path) + " is missing";
  } else if (opened.error() == std::errc::file_exists) {
    reason += "what is in it was not written by this sink; move it away or choose another path";
  } else {
    reason += opened.error().message();
  }
  return false;
}

FileResult<void> FileSink::open_file() {
  file_.reset();
  gathered_.clear();
  sync_due_ = base::BootTime::max();
  auto opened = open_and_settle();
  if (opened) return opened;
  // Set aside at once what could not be synced, in case this process does not come to open again.
  if (doubtful_ && regular_) {
    [[maybe_unused]] const auto moved = set_doubtful_aside();
  }
  // What is half opened has no standing that `fail` could go back to.
  file_.reset();
  return opened;
}

FileResult<void> FileSink::open_and_settle() {
  auto facts = open_active();
  if (facts && doubtful_ && *doubtful_ == facts->identity) {
    if (const auto moved = set_doubtful_aside(); !moved) return moved.error();
    facts = open_active();
  }
  if (!facts) return facts.error();
  regular_ = facts->regular;
  identity_ = facts->identity;
  size_bytes_ = 0;
  synced_bytes_ = 0;
  if (!regular_) return {};
  if (const auto cut = cut_untrusted(*facts); !cut) return cut.error();
  return settle(*facts);
}

// Moves the active file away if it is the doubtful one.
FileResult<void> FileSink::set_doubtful_aside() {
  const auto active = files_.open(options_.path, FileMode::read);
  if (!active) return active.error();
  const auto facts = (*active)->facts();
  if (!facts) return facts.error();
  if (*doubtful_ != facts->identity) return {};
  return rolled_.set_aside(clock_.wall());
}

FileResult<FileFacts> FileSink::open_active() {
  if (to_standard_output()) {
    file_ = files_.standard_output();
  } else {
    auto opened = files_.open(options_.path, FileMode::append);
    if (!opened) return opened.error();
    file_ = std::move(*opened);
  }
  return file_->facts();
}

FileResult<void> FileSink::cut_untrusted(FileFacts& facts) {
  const bool same_file = trust_ && trust_->identity == facts.identity;
  if (same_file && facts.size_bytes > trust_->synced_bytes) {
    if (const auto cut = file_->truncate(trust_->synced_bytes); !cut) return cut.error();
    facts.size_bytes = trust_->synced_bytes;
  }
  return {};
}

// Leaves the file ending in a whole, synced line.
FileResult<void> FileSink::settle(const FileFacts& facts) {
  FileTail tail;
  if (facts.size_bytes != 0) {
    std::array<char, 16> first;
    const auto read = file_->read_at(0, first);
    if (!read) return read.error();
    if (!may_begin_with(options_.format, {first.data(), *read}))
      return std::make_error_code(std::errc::file_exists);
    auto found = read_tail(*file_, facts.size_bytes);
    if (!found) return found.error();
    tail = std::move(*found);
    if (tail.whole_bytes != facts.size_bytes) {
      if (const auto cut = file_->truncate(tail.whole_bytes); !cut) return cut.error();
    }
    if (const auto synced = file_->sync(); !synced) {
      doubtful_ = facts.identity;
      return synced.error();
    }
  }
  if (const auto found = find_last_id(tail.last_line); !found) return found.error();
  trust_.reset();
  size_bytes_ = tail.whole_bytes;
  synced_bytes_ = tail.whole_bytes;
  last_write_ = facts.size_bytes != 0 ? facts.modified_at : clock_.wall();
  compression_wanted_ = options_.rotate.compress;
  return {};
}

// Once only: which event came last before this process.
FileResult<void> FileSink::find_last_id(std::string_view last_line) {
  if (std::exchange(opened_, true)) return {};
  // Lines that can be read but could not be synced may be gone tomorrow: better twice than never.
  if (doubtful_) return {};
  if (last_line.empty()) {
    const auto rolled = last_line_rolled();
    if (!rolled) {
      opened_ = false;
      return rolled.error();
    }
    last_id_ = id_in_line(options_.format, *rolled);
  } else {
    last_id_ = id_in_line(options_.format, last_line);
  }
  return {};
}

// The last line of the newest rolled file, empty if there is none: a process may end between
// rolling a file and writing to the next. What is rolled has been synced.
FileResult<std::string> FileSink::last_line_rolled() {
  const auto paths = rolled_.list();
  if (!paths) return paths.error();
  if (paths->empty() || paths->back().ends_with(kCompressedSuffix)) return std::string();
  const auto file = files_.open(paths->back(), FileMode::read);
  if (!file) return file.error();
  const auto facts = (*file)->facts();
  if (!facts) return facts.error();
  auto tail = read_tail(**file, facts->size_bytes);
  if (!tail) return tail.error();
  return std::move(tail->last_line);
}

std::optional<std::string> FileSink::last_id() { return last_id_; }

void FileSink::append_event(const rules::RoutedTrap& event) {
  switch (options_.format) {
    case EventFormat::json: append_event_json(event, mibs_, cache_, gathered_); break;
    case EventFormat::text: append_event_text(event, mibs_, gathered_); break;
    case EventFormat::snmptrapd: append_snmptrapd_text(event, mibs_, gathered_); break;
  }
  gathered_ += '\n';
}

void FileSink::take(const rules::RoutedTrap& event, Sequence sequence, Answers& answers) {
  assert(file_ != nullptr);
  const std::size_t before = gathered_.size();
  append_event(event);
  const std::uint64_t limit = regular_ ? options_.rotate.bytes : 0;
  if (limit != 0 && size_bytes_ + gathered_.size() > limit && size_bytes_ + before != 0) {
    if (!write_gathered(before, answers) || !roll(answers)) return;
  }
  last_gathered_ = sequence;
  if (gathered_.size() >= kGatherBytes) write_gathered(gathered_.size(), answers);
}

// Writes the first `octets` gathered: whole lines, all of those up to `last_gathered_`.
bool FileSink::write_gathered(std::size_t octets, Answers& answers) {
  if (octets == 0) return true;
  const auto written = file_->append(std::string_view(gathered_).substr(0, octets));
  if (!written) return fail("write to", written.error(), answers);
  gathered_.erase(0, octets);
  size_bytes_ += octets;
  last_write_ = clock_.wall();
  last_written_ = last_gathered_;
  if (!regular_) answers.delivered_through(last_written_);
  return true;
}

bool FileSink::sync(Answers& answers) {
  sync_due_ = base::BootTime::max();
  if (!regular_ || size_bytes_ == synced_bytes_) return true;
  if (const auto synced = file_->sync(); !synced) return fail("sync", synced.error(), answers);
  synced_bytes_ = size_bytes_;
  answers.delivered_through(last_written_);
  if (compression_wanted_) {
    // The id of the last event now stands in this file, so the rolled one may become unreadable.
    compression_wanted_ = false;
    if (!compression_) compression_.emplace(files_, options_.path, options_.rotate.keep);
    if (auto paths = rolled_.list()) compression_->compress(std::move(*paths));
  }
  return true;
}

bool FileSink::roll(Answers& answers) {
  if (!sync(answers)) return false;
  if (const auto rolled = rolled_.roll(clock_.wall()); !rolled) {
    return fail("rename", rolled.error(), answers);
  }
  std::string kept;
  kept.swap(gathered_);
  const auto opened = open_file();
  gathered_.swap(kept);
  if (!opened) return fail("open", opened.error(), answers);
  rolled_.remove_excess(options_.rotate.keep);
  return true;
}

bool FileSink::roll_if_period_ended(Answers& answers) {
  if (!regular_ || gathered_.empty() || size_bytes_ == 0) return true;
  if (!is_later_period(options_.rotate.every, last_write_, clock_.wall())) return true;
  // Nothing gathered has been written, so it begins the new file.
  return roll(answers);
}

void FileSink::tick(base::BootTime now, Answers& answers) {
  if (file_ == nullptr) return;
  if (reopen_wanted_) return reopen_now(answers);
  if (!roll_if_period_ended(answers)) return;
  if (!write_gathered(gathered_.size(), answers)) return;
  if (!regular_ || size_bytes_ == synced_bytes_) return;
  if (sync_due_ == base::BootTime::max()) sync_due_ = now + options_.fsync;
  if (now >= sync_due_) sync(answers);
}

base::BootTime FileSink::next_tick() const { return sync_due_; }

void FileSink::drain(base::BootTime /*deadline*/, Answers& answers) {
  if (file_ == nullptr) return;
  if (write_gathered(gathered_.size(), answers)) sync(answers);
}

void FileSink::reopen() { reopen_wanted_ = true; }

void FileSink::reopen_now(Answers& answers) {
  reopen_wanted_ = false;
  if (!write_gathered(gathered_.size(), answers) || !sync(answers)) return;
  if (const auto opened = open_file(); !opened) fail("open", opened.error(), answers);
}

// Gives up what is not synced. Always false, so that a caller can return it.
bool FileSink::fail(std::string_view doing, const std::error_code& error, Answers& answers) {
  if (file_ != nullptr && regular_) {
    trust_ = Trust{identity_, synced_bytes_};
    // At once, in case this process ends before it gets to open the file again.
    if (auto facts = file_->facts()) {
      [[maybe_unused]] const auto cut = cut_untrusted(*facts);
    }
  }
  file_.reset();
  gathered_.clear();
  sync_due_ = base::BootTime::max();
  std::string reason = "cannot ";
  reason += doing;
  reason += ' ';
  reason += options_.path;
  reason += ": ";
  reason += error.message();
  answers.retry(std::chrono::milliseconds(0), reason);
  return false;
}

void FileSink::wait_for_compression() {
  if (compression_) compression_->wait_until_idle();
}

}  // namespace trapline::sinks
