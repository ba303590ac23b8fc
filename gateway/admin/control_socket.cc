#include "gateway/admin/control_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace trapline::gateway {
namespace {

using Listening = base::Result<int, std::string>;

bool fill_address(const std::string& path, sockaddr_un& address) {
  if (path.size() >= sizeof address.sun_path) return false;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return true;
}

std::string because(const std::string& what, int error) {
  return what + ": " + std::strerror(error);
}

// True when a process accepts connections at `address`.
bool somebody_listens(const sockaddr_un& address) {
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (probe < 0) return false;
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  const bool answered = ::connect(probe, generic, sizeof address) == 0 || errno == EAGAIN;
  ::close(probe);
  return answered;
}

// Removes what a process that is gone left behind; an empty text when the way is free.
std::string make_way(const std::string& path, const sockaddr_un& address) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return {};
  if (!S_ISSOCK(status.st_mode)) return path + " is in the way and is no socket: move it elsewhere";
  if (somebody_listens(address)) {
    return "another gateway answers on " + path + ": stop it, or use another data directory";
  }
  if (::unlink(path.c_str()) == 0) return {};
  return because("cannot remove the old " + path, errno);
}

}  // namespace

std::string control_socket_path(const std::string& data_dir) { return data_dir + "/control.sock"; }

Listening listen_on_control_socket(const std::string& path) {
  sockaddr_un address{};
  if (!fill_address(path, address)) {
    return path + " is longer than a socket's name can be (" +
           std::to_string(sizeof address.sun_path - 1) + " bytes): use a shorter data directory";
  }
  if (std::string problem = make_way(path, address); !problem.empty()) {
    return problem;
  }
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  // Nobody can connect before `listen`, so the mode is right from the first connection on.
  if (socket >= 0 && ::bind(socket, generic, sizeof address) == 0 &&
      ::chmod(path.c_str(), S_IRUSR | S_IWUSR) == 0 && ::listen(socket, SOMAXCONN) == 0) {
    return socket;
  }
  const int error = errno;
  if (socket >= 0) ::close(socket);
  return because("cannot listen on " + path, error);
}

}  // namespace trapline::gateway
