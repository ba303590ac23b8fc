// The floor of a durable acknowledgement: receive a batch, append its octets to a zero-filled file,
// fdatasync, answer. No decoding, no duplicates, nothing that could be read back.
//
//   inform_floor ADDRESS:PORT FILE [SECS]     prints "ready", and at the end one line of JSON
#include <fcntl.h>
#include <sys/uio.h>

#include "bench/floor_socket.h"
#include "protocol/encode.h"

namespace trapline::bench {
namespace {

constexpr std::size_t kFileBytes = 64U << 20;

// Writes at the end of what was written, and from the start again when the file is full.
class ZeroedFile {
 public:
  explicit ZeroedFile(const char* path)
      : file_(open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) {
    if (file_ < 0) die(path);
    const std::vector<std::byte> zeros(1U << 20);
    for (std::size_t at = 0; at < kFileBytes; at += zeros.size()) {
      if (pwrite(file_, zeros.data(), zeros.size(), static_cast<off_t>(at)) < 0) die("pwrite");
    }
    if (fsync(file_) < 0) die("fsync");
  }

  void append(std::span<const iovec> pieces, std::size_t bytes) {
    if (at_ + bytes > kFileBytes) at_ = 0;
    const auto count = static_cast<int>(pieces.size());
    if (pwritev(file_, pieces.data(), count, static_cast<off_t>(at_)) < 0) die("pwritev");
    if (fdatasync(file_) < 0) die("fdatasync");
    at_ += bytes;
  }

 private:
  int file_;
  std::size_t at_ = 0;
};

// The loop's memory.
struct InformFloor {
  FloorSocket socket;
  ZeroedFile file;
  std::vector<std::byte> responses = std::vector<std::byte>(kBatch * kDatagramBytes);
  std::array<iovec, kBatch> pieces{};
  std::array<base::Bytes, kBatch> answers{};
  std::uint64_t answered = 0;
  std::uint64_t commits = 0;

  // Serves one batch; false when there was none.
  bool step() {
    const std::size_t received = socket.receive();
    if (received == 0) return false;
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < received; ++i) {
      const base::Bytes inform = socket.datagram(i);
      pieces[i] = {const_cast<std::byte*>(inform.data()), inform.size()};
      bytes += inform.size();
      const auto room = base::MutableBytes(responses).subspan(i * kDatagramBytes, kDatagramBytes);
      answers[i] = room.first(protocol::encode_response(inform, room));
    }
    file.append(std::span(pieces).first(received), bytes);
    socket.answer(std::span(answers).first(received));
    answered += received;
    ++commits;
    return true;
  }
};

int run(const base::Endpoint& at, const char* path, unsigned secs) {
  InformFloor floor{FloorSocket(at), ZeroedFile(path)};
  stop_on_signals(secs);
  std::puts("ready");
  std::fflush(stdout);
  const double before = cpu_secs();
  constexpr int kTimeoutMs = 1'000;
  while (stop_requested == 0) {
    if (!floor.step()) floor.socket.wait(kTimeoutMs);
  }
  std::printf("{\"received\":%llu,\"commits\":%llu,\"cpu_secs\":%.6f}\n",
              static_cast<unsigned long long>(floor.answered),
              static_cast<unsigned long long>(floor.commits), cpu_secs() - before);
  return 0;
}

}  // namespace
}  // namespace trapline::bench

int main(int argc, char** argv) {
  const auto at = argc > 2 ? trapline::base::Endpoint::parse(argv[1]) : std::nullopt;
  if (!at) {
    std::fputs("usage: inform_floor ADDRESS:PORT FILE [SECS]\n", stderr);
    return 64;
  }
  return trapline::bench::run(*at, argv[2], argc > 3 ? static_cast<unsigned>(atoi(argv[3])) : 0);
}
