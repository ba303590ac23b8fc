#include "gateway/config/tls_section.h"

namespace trapline::gateway {

void read_tls(FieldReader& sink, ConfigProblems& problems, sinks::TlsOptions& tls) {
  const ConfigNode* map = sink.map("tls");
  if (map == nullptr) return;
  FieldReader reader(*map, sink.name_of("tls"), problems);
  reader.read_text("ca", tls.ca_path);
  reader.read_text("cert", tls.cert_path);
  reader.read_text("key", tls.key_path);
  reader.read_text("server_name", tls.server_name);
  reader.finish();
  if (tls.cert_path.empty() != tls.key_path.empty()) {
    problems.add(map->place, "`" + sink.name_of("tls") + "` needs both `cert` and `key`, or none",
                 "");
  }
}

}  // namespace trapline::gateway
