#include "gateway/rule_state_store.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/core.h>

#include "gateway/durable_file.h"
#include "gateway/journal/crash_point.h"
#include "gateway/journal/wire.h"

namespace trapline::gateway {
namespace {

using journal::load;
using journal::store;

constexpr std::string_view kPrefix = "state-";
constexpr std::uint64_t kMagic = 0x3253'4c55'5250'4c54;  // "TLPRULS2"
// magic, position, decided, octets, CRC32C of these and of the octets
constexpr std::size_t kHeaderBytes = 40;
constexpr std::size_t kCrcAt = 32;
constexpr std::uint64_t kMostOctets = 1ULL << 30;

using Header = std::array<std::byte, kHeaderBytes>;

Header header_of(const SavedRuleState& state) {
  Header header{};
  store(header.data(), kMagic);
  store(header.data() + 8, state.position.value);
  store(header.data() + 16, state.decided.value);
  store(header.data() + 24, std::uint64_t{state.octets.size()});
  const std::uint32_t crc = journal::crc32c(base::Bytes(header).first(kCrcAt), 0);
  store(header.data() + kCrcAt, journal::crc32c(state.octets, crc));
  return header;
}

}  // namespace

RuleStateStore::RuleStateStore(journal::Fs& fs, std::string directory, base::Log& log,
                               Writing writing)
    : fs_(fs), directory_(std::move(directory)), log_(log) {
  if (writing == Writing::background) {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
}

RuleStateStore::~RuleStateStore() = default;

std::optional<SavedRuleState> RuleStateStore::newest(journal::Lsn decided) {
  std::vector<std::string> files = names();
  std::sort(files.rbegin(), files.rend());
  for (const std::string& name : files) {
    auto state = read(name);
    if (!state) {
      log_.write(base::LogLevel::warning, "rules.state_damaged",
                 "a saved state of the rules cannot be read: an older one is used",
                 {{"file", directory_ + "/" + name}});
    } else if (state->decided <= decided) {
      return state;
    } else {
      (void)fs_.unlink(directory_ + "/" + name);
    }
  }
  return std::nullopt;
}

bool RuleStateStore::idle() const {
  const std::lock_guard lock(mutex_);
  return !waiting_ && !writing_;
}

void RuleStateStore::save(SavedRuleState state) {
  if (!thread_.joinable()) {
    write(state);
    return;
  }
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !waiting_; });
  waiting_ = std::move(state);
  changed_.notify_all();
}

bool RuleStateStore::save_now(const SavedRuleState& state) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !waiting_ && !writing_; });
  lock.unlock();
  return write(state);
}

void RuleStateStore::forget() {
  for (const std::string& name : names()) (void)fs_.unlink(directory_ + "/" + name);
}

void RuleStateStore::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return waiting_.has_value(); })) {
    const SavedRuleState state = std::move(*waiting_);
    waiting_.reset();
    writing_ = true;
    changed_.notify_all();
    lock.unlock();
    write(state);
    lock.lock();
    writing_ = false;
    changed_.notify_all();
  }
}

bool RuleStateStore::write(const SavedRuleState& state) {
  const Header header = header_of(state);
  const std::array<base::Bytes, 2> pieces{base::Bytes(header), base::Bytes(state.octets)};
  auto done = fs_.make_directory(directory_);
  if (done) {
    done = replace_file(fs_, directory_, fmt::format("{}{:020}", kPrefix, state.position.value),
                        pieces, [] { TRAPLINE_CRASH_POINT("checkpoint-half"); });
  }
  if (done) {
    remove_older();
    return true;
  }
  log_.write(base::LogLevel::error, "rules.state_not_saved",
             "the state of the rules cannot be saved: after a crash more of the journal is read "
             "again. Check the disk",
             {{"directory", directory_}, {"error", name_of(done.error())}});
  return false;
}

std::optional<SavedRuleState> RuleStateStore::read(const std::string& name) {
  const auto file = fs_.open(directory_ + "/" + name, journal::OpenMode::read);
  if (!file) return std::nullopt;
  Header header{};
  const auto got = (*file)->read_at(0, header);
  if (!got || *got != header.size() || load<std::uint64_t>(header.data()) != kMagic) {
    return std::nullopt;
  }
  const auto size = load<std::uint64_t>(header.data() + 24);
  const auto present = (*file)->size_bytes();
  if (!present || size > kMostOctets || *present != size + kHeaderBytes) return std::nullopt;
  SavedRuleState state;
  state.position.value = load<std::uint64_t>(header.data() + 8);
  state.decided.value = load<std::uint64_t>(header.data() + 16);
  state.octets.resize(size);
  const auto body = (*file)->read_at(kHeaderBytes, state.octets);
  if (!body || *body != size || header_of(state) != header) return std::nullopt;
  return state;
}

void RuleStateStore::remove_older() {
  std::vector<std::string> files = names();
  std::sort(files.rbegin(), files.rend());
  for (std::size_t i = kKept; i < files.size(); ++i) {
    (void)fs_.unlink(directory_ + "/" + files[i]);
  }
}

std::vector<std::string> RuleStateStore::names() {
  auto listed = fs_.list(directory_);
  if (!listed) return {};
  std::erase_if(*listed, [](const std::string& name) {
    return !name.starts_with(kPrefix) || name.ends_with(".new");
  });
  return std::move(*listed);
}

}  // namespace trapline::gateway
