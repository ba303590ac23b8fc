#include "gateway/poison.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <vector>

namespace trapline::gateway {
namespace {

constexpr std::array kSignals = {SIGSEGV, SIGBUS, SIGABRT};
constexpr std::size_t kMostLines = 1'000;  // kept from one start to the next
constexpr std::size_t kMostName = 64;

// Read by the signal handler on the thread that it ends: plain, and written in an order in which
// a half-written one has no LSN.
struct InHand {
  const char* stage = nullptr;
  const char* name = nullptr;
  std::size_t name_bytes = 0;
  std::uint64_t lsn = 0;  // 0: nothing
};
thread_local InHand in_hand;
int deaths_file = -1;

void compiler_barrier() { asm volatile("" ::: "memory"); }

// A line put together where nothing may be allocated or locked.
class Line {
 public:
  void put(const char* text, std::size_t size) {
    for (std::size_t i = 0; i < size && size_ < room_.size(); ++i) room_[size_++] = text[i];
  }
  void put_number(std::uint64_t number) {
    std::array<char, 20> digits;
    std::size_t at = digits.size();
    do {
      digits[--at] = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number != 0);
    put(digits.data() + at, digits.size() - at);
  }
  void write_to(int file) const {
    const char* at = room_.data();
    for (std::size_t left = size_; left != 0;) {
      const ssize_t done = ::write(file, at, left);
      if (done <= 0) return;
      at += done;
      left -= static_cast<std::size_t>(done);
    }
  }

 private:
  std::array<char, 128> room_;
  std::size_t size_ = 0;
};

// Only what POSIX lists as async-signal-safe. The signal comes again behind this, and then ends the
// process as if nobody had listened (SA_RESETHAND).
void note_death(int number, siginfo_t* info, void* /*context*/) {
  const bool ours = info == nullptr || info->si_code != SI_USER || info->si_pid == ::getpid();
  if (ours && in_hand.lsn != 0 && deaths_file >= 0) {
    Line line;
    line.put(in_hand.stage, std::strlen(in_hand.stage));
    line.put(" ", 1);
    line.put(in_hand.name_bytes == 0 ? "-" : in_hand.name,
             std::max<std::size_t>(in_hand.name_bytes, 1));
    line.put(" ", 1);
    line.put_number(in_hand.lsn);
    line.put("\n", 1);
    line.write_to(deaths_file);
    ::fsync(deaths_file);
  }
  ::raise(number);
}

#ifdef TRAPLINE_CRASH_POINTS
// TRAPLINE_DIE_AT=stage:name:LSN:signal, for tests.
void die_if_asked(const char* stage, std::string_view name, journal::Lsn lsn) {
  static const char* const wanted = std::getenv("TRAPLINE_DIE_AT");
  if (wanted == nullptr) return;
  const std::string here =
      std::string(stage) + ":" + std::string(name) + ":" + std::to_string(lsn.value) + ":";
  if (std::string_view(wanted).starts_with(here)) ::raise(std::atoi(wanted + here.size()));
}
#else
void die_if_asked(const char*, std::string_view, journal::Lsn) {}
#endif

std::vector<std::string> read_lines(const std::string& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

// Best effort: a longer file does no harm.
void rewrite(const std::string& path, const std::vector<std::string>& lines) {
  const std::string fresh = path + ".new";
  std::ofstream file(fresh, std::ios::trunc);
  for (const std::string& line : lines) file << line << '\n';
  file.close();
  if (file.good()) static_cast<void>(std::rename(fresh.c_str(), path.c_str()));
}

}  // namespace

void handles(const char* stage, std::string_view name, journal::Lsn lsn) {
  in_hand.lsn = 0;
  compiler_barrier();
  in_hand.stage = stage;
  in_hand.name = name.data();
  in_hand.name_bytes = std::min(name.size(), kMostName);
  compiler_barrier();
  in_hand.lsn = lsn.value;
  compiler_barrier();
  die_if_asked(stage, name, lsn);
}

void handles_nothing() {
  in_hand.lsn = 0;
  compiler_barrier();
}

Handling::Handling(const char* stage, std::string_view name, journal::Lsn lsn)
    : before_stage_(in_hand.stage),
      before_name_(in_hand.name, in_hand.name_bytes),
      before_lsn_{in_hand.lsn} {
  handles(stage, name, lsn);
}

Handling::~Handling() {
  if (before_lsn_.value == 0) {
    handles_nothing();
  } else {
    handles(before_stage_, before_name_, before_lsn_);
  }
}

bool note_deaths_in(const std::string& path) {
  deaths_file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  struct sigaction action {};
  action.sa_sigaction = note_death;
  action.sa_flags = static_cast<int>(SA_SIGINFO | SA_RESETHAND | SA_NODEFER);
  sigemptyset(&action.sa_mask);
  for (const int number : kSignals) ::sigaction(number, &action, nullptr);
  return deaths_file >= 0;
}

PoisonList PoisonList::load(const std::string& path, journal::Lsn last, base::Log& log) {
  PoisonList list;
  std::vector<std::string> lines = read_lines(path);
  if (lines.size() > 2 * kMostLines) {
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(kMostLines));
    rewrite(path, lines);
  }
  for (const std::string& line : lines) {
    std::istringstream words(line);
    std::string stage;
    std::string name;
    std::uint64_t lsn = 0;
    if (!(words >> stage >> name >> lsn) || lsn == 0 || lsn > last.value) continue;
    if (++list.deaths_[{stage + " " + name, lsn}] != kDeathsUntilPoison) continue;
    log.write(base::LogLevel::error, "gateway.poison",
              "the process has died three times while it handled this: it is not handled again",
              {{"stage", stage}, {"sink", name}, {"lsn", lsn}});
  }
  return list;
}

bool PoisonList::has(std::string_view stage, std::string_view name, journal::Lsn lsn) const {
  if (deaths_.empty()) return false;
  const std::string key = std::string(stage) + " " + (name.empty() ? "-" : std::string(name));
  const auto found = deaths_.find({key, lsn.value});
  return found != deaths_.end() && found->second >= kDeathsUntilPoison;
}

}  // namespace trapline::gateway
