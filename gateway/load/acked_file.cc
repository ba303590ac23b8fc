#include "gateway/load/acked_file.h"

#include <charconv>
#include <string_view>

namespace trapline::gateway::load {
namespace {

bool read_number(std::string_view text, int base, std::uint32_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

bool AckedFile::open(const std::string& path, std::uint32_t run) {
  file_.open(path, std::ios::binary | std::ios::trunc);
  file_ << std::hex << run << std::dec << '\n' << std::flush;
  return file_.good();
}

void AckedFile::add(std::uint32_t sequence) {
  if (file_.is_open()) file_ << sequence << '\n';
}

bool AckedFile::close() {
  if (!file_.is_open()) return true;
  file_.close();
  return file_.good();
}

std::optional<AckedInforms> read_acked_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  AckedInforms acked;
  std::string line;
  if (!std::getline(file, line) || !read_number(line, 16, acked.run)) return std::nullopt;
  while (std::getline(file, line) && !file.eof()) {
    std::uint32_t sequence = 0;
    if (!read_number(line, 10, sequence)) return std::nullopt;
    acked.sequences.push_back(sequence);
  }
  return acked;
}

}  // namespace trapline::gateway::load
