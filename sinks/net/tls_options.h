// `tls` of a sink.
#pragma once

#include <string>

namespace trapline::sinks {

// Plain value.
struct TlsOptions {
  std::string ca_path;    // empty: the system's
  std::string cert_path;  // of the client; with key_path
  std::string key_path;
  std::string server_name;  // what the certificate must be for; empty: the host that is called
};

}  // namespace trapline::sinks
