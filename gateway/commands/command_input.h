// What a verb's FILE|HEX|PCAP|- argument stands for.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace trapline::gateway {

inline constexpr std::string_view kStandardInput = "-";

// The octets of a file of that name, of standard input ("-"; a terminal is told what is awaited),
// or of the argument itself when it is hexadecimal. At most 1 GiB. Failing, says in one line what
// the argument is not. Blocks.
[[nodiscard]] base::Result<std::vector<std::byte>, std::string> read_command_input(
    const std::string& argument);

}  // namespace trapline::gateway
