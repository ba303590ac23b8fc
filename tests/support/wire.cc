#include "tests/support/wire.h"

#include <cctype>
#include <stdexcept>

#include "protocol/ber_writer.h"
#include "protocol/oid.h"

namespace trapline::test_support {
namespace {

unsigned digit_of(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0
             ? static_cast<unsigned>(c - '0')
             : static_cast<unsigned>(std::tolower(static_cast<unsigned char>(c)) - 'a' + 10);
}

}  // namespace

Octets hex(std::string_view text) {
  Octets out;
  unsigned pending = 0;
  bool half = false;
  bool comment = false;
  for (const char c : text) {
    comment = c == ';' || (comment && c != '\n');
    if (comment || std::isxdigit(static_cast<unsigned char>(c)) == 0) continue;
    if (half) out.push_back(std::byte(pending << 4 | digit_of(c)));
    pending = digit_of(c);
    half = !half;
  }
  return out;
}

Octets join(std::initializer_list<Octets> parts) {
  Octets out;
  for (const Octets& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

Octets tlv(std::uint8_t identifier, const Octets& content) {
  Octets out;
  protocol::BerWriter(out).write(identifier, content);
  return out;
}

Octets tlv_wide(std::uint8_t identifier, const Octets& content) {
  Octets out = {std::byte{identifier}, std::byte{0x84}};
  for (unsigned shift = 32; shift > 0; shift -= 8) {
    out.push_back(std::byte((content.size() >> (shift - 8)) & 0xff));
  }
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

Octets sequence(std::initializer_list<Octets> parts) { return tlv(0x30, join(parts)); }

Octets integer(std::int64_t number) {
  Octets out;
  protocol::BerWriter(out).write_signed(0x02, number);
  return out;
}

Octets octet_string(std::string_view text) {
  const base::Bytes octets = base::as_bytes(text);
  return tlv(0x04, Octets(octets.begin(), octets.end()));
}

Octets oid(std::string_view dotted) {
  const auto parsed = protocol::Oid::parse(dotted);
  if (!parsed) throw std::invalid_argument("not an OID");
  Octets out;
  protocol::BerWriter(out).write_oid(*parsed);
  return out;
}

Octets time_ticks(std::uint32_t ticks) {
  Octets out;
  protocol::BerWriter(out).write_unsigned(0x43, ticks);
  return out;
}

Octets varbind(std::string_view name, const Octets& value) { return sequence({oid(name), value}); }

Octets uptime_varbind(std::uint32_t ticks) {
  return varbind("1.3.6.1.2.1.1.3.0", time_ticks(ticks));
}

Octets trap_oid_varbind(std::string_view dotted) {
  return varbind("1.3.6.1.6.3.1.1.4.1.0", oid(dotted));
}

Octets pdu_v2(std::uint8_t identifier, std::int64_t request_id,
              std::initializer_list<Octets> varbinds) {
  return tlv(identifier, join({integer(request_id), integer(0), integer(0), sequence(varbinds)}));
}

Octets pdu_v1(const TrapV1& trap) {
  return tlv(0xa4, join({oid(trap.enterprise), trap.agent_addr, integer(trap.generic),
                         integer(trap.specific), time_ticks(4711), tlv(0x30, trap.varbinds)}));
}

Octets message(std::int64_t version, const Octets& pdu) {
  return sequence({integer(version), octet_string("public"), pdu});
}

Octets v2c_trap(std::initializer_list<Octets> varbinds) {
  const Octets list = join({uptime_varbind(), trap_oid_varbind(), join(varbinds)});
  return message(1, tlv(0xa7, join({integer(305419896), integer(0), integer(0), tlv(0x30, list)})));
}

}  // namespace trapline::test_support
