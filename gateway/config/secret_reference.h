// References in the configuration's texts: ${env:NAME}, ${file:PATH}, ${cred:NAME}.
#pragma once

#include <string>
#include <string_view>

namespace trapline::gateway {

inline constexpr std::size_t kMaxReferencedBytes = std::size_t{64} << 10;

// Whether the text that is made of a reference is a secret. An environment variable that holds one
// is taken out of the environment (its octets are wiped) and kept outside core dumps instead, so
// that the next load still finds it.
enum class Secrecy : bool { open, secret };

// Appends `text` to `out` with its references replaced; "$${" stands for a literal "${". A file's
// or credential's trailing newline is left out; ${cred:NAME} is $CREDENTIALS_DIRECTORY/NAME. False
// when a reference cannot be resolved: `problem` then names it, never what it holds. Call it within
// a ScrubbedScope. Any thread.
[[nodiscard]] bool resolve_references(std::string_view text, Secrecy secrecy, std::string& out,
                                      std::string& problem);

}  // namespace trapline::gateway
