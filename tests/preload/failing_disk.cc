// A disk that fails on command: preloaded into the program under test.
//
// While the file that TRAPLINE_FAILING_DISK names exists, every fdatasync fails with EIO.
#include <dlfcn.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

extern "C" int fdatasync(int fd) {
  static const char* const flag = std::getenv("TRAPLINE_FAILING_DISK");
  if (flag != nullptr && access(flag, F_OK) == 0) {
    errno = EIO;
    return -1;
  }
  static const auto real = reinterpret_cast<int (*)(int)>(dlsym(RTLD_NEXT, "fdatasync"));
  return real(fd);
}
