#include "rules/enrichment.h"

#include "base/bytes.h"

namespace trapline::rules {
namespace {

void append_part(std::string_view text, std::string& out) {
  out += static_cast<char>(text.size() >> 8 & 0xff);
  out += static_cast<char>(text.size() & 0xff);
  out += text;
}

}  // namespace

std::string EnrichmentWish::key() const {
  std::string key;
  for (const std::uint8_t octet : agent.octets()) key += static_cast<char>(octet);
  append_part(enrichment, key);
  for (const WishedMember& member : members) {
    append_part(member.name, key);
    append_part(base::as_text(member.oid.view().content()), key);
  }
  return key;
}

}  // namespace trapline::rules
