#include "gateway/load/message_source.h"

namespace trapline::gateway::load {

void TemplateSource::write(const Identity& identity, std::vector<std::byte>& out) {
  const base::Bytes original = message_.bytes();
  if (out.size() != original.size()) out.assign(original.begin(), original.end());
  message_.patch(out, identity);
}

std::optional<Answer> TemplateSource::read(base::Bytes datagram) {
  const auto request_id = response_request_id(datagram);
  if (!request_id) return std::nullopt;
  return Answer{*request_id, true};
}

}  // namespace trapline::gateway::load
