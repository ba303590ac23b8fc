// The list of acknowledged informs that `bench --acked` leaves and `bench --verify` reads: the run
// in hex on the first line, then one sequence number a line.
#pragma once

#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace trapline::gateway::load {

// Writes the list. Used by one thread. Without a successful `open`, does nothing.
class AckedFile {
 public:
  // Makes the file, empty but for the run. False when it cannot be written.
  [[nodiscard]] bool open(const std::string& path, std::uint32_t run);
  // Adds an inform; on its way to the kernel soon, with others.
  void add(std::uint32_t sequence);
  // Hands over what is left. False when anything could not be written.
  [[nodiscard]] bool close();

 private:
  std::ofstream file_;
};

// A list as it was read. Plain value.
struct AckedInforms {
  std::uint32_t run = 0;
  std::vector<std::uint32_t> sequences;
};

// Nothing when the file cannot be read or is not such a list. A last line without line feed counts
// as not written.
[[nodiscard]] std::optional<AckedInforms> read_acked_file(const std::string& path);

}  // namespace trapline::gateway::load
