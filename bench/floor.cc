// The floor: the least that receiving traps and writing them as events can cost. One thread,
// batches of 256, full decode, one JSON line per trap, buffered writes. No journal, no rules, no
// promises.
//
//   floor ADDRESS:PORT FILE [SECS]     prints "ready", and at the end one line of JSON
#include <fcntl.h>

#include <charconv>

#include "base/clock.h"
#include "bench/floor_socket.h"
#include "protocol/decode.h"
#include "protocol/mib/mib_index.h"
#include "sinks/event_json.h"

namespace trapline::bench {
namespace {

constexpr std::size_t kWriteBytes = 256 * 1024;

// Decodes, renders, writes.
class Floor {
 public:
  Floor(const base::Endpoint& at, const char* path)
      : socket_(at), file_(open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) {
    if (file_ < 0) die(path);
    local_ = at;
    text_.reserve(4 * kWriteBytes);
  }

  // Takes one batch; false when there was nothing to take.
  bool step() {
    const std::size_t received = socket_.receive();
    const base::WallTime now = clock_.wall();
    for (std::size_t i = 0; i < received; ++i) take(i, now);
    received_ += received;
    if (text_.size() >= kWriteBytes) flush();
    return received > 0;
  }
  void wait() {
    constexpr int kTimeoutMs = 1'000;
    socket_.wait(kTimeoutMs);
  }
  void flush() {
    std::size_t done = 0;
    while (done < text_.size()) {
      const ssize_t written = write(file_, text_.data() + done, text_.size() - done);
      if (written < 0 && errno != EINTR) die("write");
      done += written > 0 ? static_cast<std::size_t>(written) : 0;
    }
    text_.clear();
  }
  void report(double cpu) const {
    std::printf("{\"received\":%llu,\"malformed\":%llu,\"cpu_secs\":%.6f}\n",
                static_cast<unsigned long long>(received_),
                static_cast<unsigned long long>(malformed_), cpu);
  }

 private:
  void take(std::size_t index, base::WallTime now) {
    auto decoded =
        protocol::decode(socket_.datagram(index), protocol::kDefaultMaxVarbinds, scratch_);
    if (!decoded) {
      ++malformed_;
      return;
    }
    rules::RoutedTrap event;
    event.message = decoded->message;
    event.message.peer = socket_.peer(index);
    event.message.agent = event.message.peer.ip;
    event.message.local = local_;
    event.message.listener = "floor";
    event.message.received_at = now;
    char* const end = std::to_chars(id_ + kIdPrefixBytes, id_ + sizeof id_, ++written_).ptr;
    event.id = {id_, static_cast<std::size_t>(end - id_)};
    sinks::append_event_json(event, mibs_, text_);
    text_ += '\n';
  }

  static constexpr std::size_t kIdPrefixBytes = 15;

  FloorSocket socket_;
  int file_;
  base::SystemClock clock_;
  base::Endpoint local_;
  const protocol::mib::MibIndex& mibs_ = protocol::mib::MibIndex::built_in();
  protocol::DecodeScratch scratch_;
  std::string text_;
  char id_[48] = "floor-00000000-";
  std::uint64_t received_ = 0;
  std::uint64_t malformed_ = 0;
  std::uint64_t written_ = 0;
};

int run(const base::Endpoint& at, const char* path, unsigned secs) {
  Floor floor(at, path);
  stop_on_signals(secs);
  std::puts("ready");
  std::fflush(stdout);
  const double before = cpu_secs();
  while (stop_requested == 0) {
    if (!floor.step()) floor.wait();
  }
  while (floor.step()) {}
  floor.flush();
  floor.report(cpu_secs() - before);
  return 0;
}

}  // namespace
}  // namespace trapline::bench

int main(int argc, char** argv) {
  const auto at = argc > 2 ? trapline::base::Endpoint::parse(argv[1]) : std::nullopt;
  if (!at) {
    std::fputs("usage: floor ADDRESS:PORT FILE [SECS]\n", stderr);
    return 64;
  }
  return trapline::bench::run(*at, argv[2], argc > 3 ? static_cast<unsigned>(atoi(argv[3])) : 0);
}
