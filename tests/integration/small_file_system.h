// A small ext4 of a test's own, in a file, that can be filled.
#pragma once

#include <cstdio>
#include <fstream>
#include <string>

#include "tests/support/process.h"
#include "tests/support/scratch_directory.h"

namespace trapline::integration {

// Mounted below `scratch`, which must outlive it; that takes root and loop devices.
class SmallFileSystem {
 public:
  SmallFileSystem(const test_support::ScratchDirectory& scratch, int mebibytes)
      : image_(scratch.path() + "/image"), path_(scratch.path() + "/small") {
    std::ofstream(image_).close();
    const std::string size = std::to_string(mebibytes) + "M";
    mounted_ = succeeds({"truncate", "-s", size, image_}) &&
               succeeds({"mkfs.ext4", "-q", image_}) && succeeds({"mkdir", path_}) &&
               succeeds({"mount", "-o", "loop", image_, path_});
  }
  SmallFileSystem(const SmallFileSystem&) = delete;
  SmallFileSystem& operator=(const SmallFileSystem&) = delete;
  ~SmallFileSystem() {
    if (mounted_) static_cast<void>(succeeds({"umount", path_}));
  }
  [[nodiscard]] bool mounted() const { return mounted_; }
  [[nodiscard]] const std::string& path() const { return path_; }

  // Somebody else writes until nothing is left.
  void fill() const {
    std::ofstream file(path_ + "/stranger", std::ios::binary);
    const std::string block(64 * 1024, 'x');
    while (file.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {}
  }
  void make_room() const { std::remove((path_ + "/stranger").c_str()); }

 private:
  static bool succeeds(const std::vector<std::string>& command) {
    return test_support::run_program(command).exit_code == 0;
  }

  std::string image_;
  std::string path_;
  bool mounted_ = false;
};

}  // namespace trapline::integration
