// Packets captured by others: they stand beside the project, never in it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace trapline::test_support {

// The folder of captures: TRAPLINE_CAPTURES, else ../shared/captures beside the project. Nothing
// when it is not there.
[[nodiscard]] std::optional<std::filesystem::path> captures_folder();

// One datagram and where it came from, for failure messages.
struct Capture {
  std::string name;
  std::vector<std::byte> octets;
};

// A whole file as one datagram: raw octets, or base64 when its name ends in ".b64". Empty when
// unreadable.
[[nodiscard]] Capture read_capture(const std::filesystem::path& file);
// Every datagram file (.bin and .b64) of a folder below the captures, in the order of their names.
[[nodiscard]] std::vector<Capture> read_captures(const std::filesystem::path& folder);
// The UDP payloads of a classic pcap file of Ethernet frames with IPv4, in order. Anything else is
// left out.
[[nodiscard]] std::vector<Capture> read_pcap(const std::filesystem::path& file);

// Skips the running test, and says so, when there are no captures. Use as the first line of a test;
// `folder` is then the folder.
#define TRAPLINE_NEED_CAPTURES(folder)                                                      \
  const auto folder##_or_none = ::trapline::test_support::captures_folder();                \
  if (!folder##_or_none) {                                                                  \
    GTEST_SKIP() << "no captures: set TRAPLINE_CAPTURES or put them in ../shared/captures"; \
  }                                                                                         \
  const std::filesystem::path& folder = *folder##_or_none

}  // namespace trapline::test_support
