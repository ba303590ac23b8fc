#include "tests/support/process.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>

namespace trapline::test_support {
namespace {

// A program's path. A user's PATH often lacks the daemons' directory.
std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  const char* const path = std::getenv("PATH");
  std::istringstream folders(std::string(path != nullptr ? path : "/usr/bin:/bin") + ":/usr/sbin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string candidate = folder + "/" + name;
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return name;
}

void redirect(const std::string& path, int flags, int to) {
  const int opened = open(path.c_str(), flags, 0600);
  if (opened < 0 || dup2(opened, to) < 0) _exit(127);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

bool can_bind(int family, std::uint16_t& port) {
  const int probe = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_addr = in6addr_loopback;
  v6.sin6_port = htons(port);
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  v4.sin_port = htons(port);
  const bool is_v4 = family == AF_INET;
  auto* const address = is_v4 ? reinterpret_cast<sockaddr*>(&v4) : reinterpret_cast<sockaddr*>(&v6);
  socklen_t size = is_v4 ? sizeof v4 : sizeof v6;
  const bool bound = probe >= 0 && bind(probe, address, size) == 0;
  if (bound && getsockname(probe, address, &size) == 0) {
    port = ntohs(is_v4 ? v4.sin_port : v6.sin6_port);
  }
  if (probe >= 0) close(probe);
  return bound;
}

}  // namespace

bool wait_until(const std::function<bool()>& condition, std::chrono::milliseconds limit) {
  constexpr std::chrono::milliseconds kBetween{5};
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(kBetween);
  }
  return true;
}

Process::Process(const std::vector<std::string>& arguments,
                 const std::vector<std::string>& environment) {
  std::vector<std::string> argument_texts = arguments;
  std::vector<std::string> environment_texts = environment;
  for (char** inherited = environ; *inherited != nullptr; ++inherited) {
    environment_texts.emplace_back(*inherited);
  }
  const std::vector<char*> argv = pointers(argument_texts);
  const std::vector<char*> envp = pointers(environment_texts);
  const std::string out_path = files_ / "out";
  const std::string err_path = files_ / "err";
  const std::string program = find_program(arguments.front());
  pid_ = fork();
  if (pid_ != 0) return;
  redirect("/dev/null", O_RDONLY, STDIN_FILENO);
  redirect(out_path, O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
  redirect(err_path, O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO);
  execve(program.c_str(), argv.data(), envp.data());
  std::perror(program.c_str());
  _exit(127);
}

Process::~Process() {
  if (!running()) return;
  ::kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

bool Process::running() {
  if (ended_) return false;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return true;
  ended_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return false;
}

void Process::signal(int number) {
  if (running()) ::kill(pid_, number);
}

std::optional<int> Process::wait(std::chrono::milliseconds limit) {
  if (!wait_until([this] { return !running(); }, limit)) return std::nullopt;
  return ended_;
}

std::string Process::out() const { return read_file(files_ / "out"); }
std::string Process::err() const { return read_file(files_ / "err"); }

Finished run_program(const std::vector<std::string>& arguments,
                     const std::vector<std::string>& environment, std::chrono::milliseconds limit) {
  Process process(arguments, environment);
  const int exit_code = process.wait(limit).value_or(-1);
  return {exit_code, process.out(), process.err()};
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::uint16_t free_udp_port() {
  constexpr int kAttempts = 100;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::uint16_t port = 0;
    if (can_bind(AF_INET, port) && can_bind(AF_INET6, port)) return port;
  }
  std::fputs("no UDP port is free on both 127.0.0.1 and ::1\n", stderr);
  std::abort();
}

std::string trapline_binary() {
  const char* const path = std::getenv("TRAPLINE_BINARY");
  if (path == nullptr || access(path, X_OK) != 0) {
    std::fputs("TRAPLINE_BINARY must name the program to test: run `./dev test`\n", stderr);
    std::exit(1);
  }
  return path;
}

}  // namespace trapline::test_support
