// TLS over TCP for Sender.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "sinks/net/sender.h"

namespace trapline::sinks {

// A Sender whose host's certificate is verified: by the system's authorities or `tls.ca_path`, for
// `tls.server_name` or the host that is called. TLS 1.2 or later.
[[nodiscard]] std::unique_ptr<Sender> make_tls_sender(const SenderTarget& target);

// Why the client's certificate and key cannot be used: nothing when they can be, or there are none.
// A key that takes a passphrase cannot: nobody is there to be asked for one.
[[nodiscard]] std::optional<std::string> client_certificate_problem(const TlsOptions& tls);

}  // namespace trapline::sinks
