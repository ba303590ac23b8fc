#include "gateway/journal/event_record.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "gateway/journal/wire.h"

namespace trapline::gateway::journal {
namespace {

using protocol::TrapMessage;

constexpr std::size_t kFixedBytes = 88;

// The octet strings behind the fixed part, in wire order.
std::array<base::Bytes, 6> texts_of(const TrapMessage& message) {
  return {base::as_bytes(message.listener),      base::as_bytes(message.community),
          base::as_bytes(message.security.name), message.security.engine_id,
          message.security.context_engine_id,    base::as_bytes(message.security.context_name)};
}

// A name of ours or of the wire is at most 255 octets; what is longer is cut, not misread.
std::size_t kept_bytes(base::Bytes text) { return text.size() < 255 ? text.size() : 255; }

template <class T>
void put(base::MutableBytes out, std::size_t at, const T& value) {
  std::memcpy(out.data() + at, &value, sizeof value);
}

template <class T>
T get(base::Bytes in, std::size_t at) {
  T value;
  std::memcpy(&value, in.data() + at, sizeof value);
  return value;
}

base::IpAddress get_address(base::Bytes in, std::size_t at) {
  return base::IpAddress::v6(get<std::array<std::uint8_t, 16>>(in, at));
}

bool is_v3(protocol::Version version) { return version == protocol::Version::v3; }

// Of the boots and time that stand in a v3 EVENT.
std::size_t engine_clock_bytes(protocol::Version version) { return is_v3(version) ? 8 : 0; }

bool is_version(std::uint8_t value) { return value == 0 || value == 1 || value == 3; }

}  // namespace

std::size_t event_bytes(const TrapMessage& message, base::Bytes pdu) {
  std::size_t total = kFixedBytes + engine_clock_bytes(message.version) + pdu.size();
  for (const base::Bytes text : texts_of(message)) total += kept_bytes(text);
  return total;
}

base::MutableBytes encode_event(const TrapMessage& message, base::Bytes pdu,
                                const InformDigest& digest, base::MutableBytes out) {
  put(out, 0, static_cast<std::uint8_t>(message.version));
  put(out, 1, static_cast<std::uint8_t>(message.security.level));
  put(out, 2, static_cast<std::uint8_t>(message.agent_via));
  put(out, 3, static_cast<std::uint8_t>(message.pdu));
  put(out, 4, message.flags.bits());
  put(out, 8, message.peer.port);
  put(out, 10, message.local.port);
  put(out, 12, message.msg_id);
  put(out, 16, message.peer.ip.octets());
  put(out, 32, message.local.ip.octets());
  put(out, 48, message.agent.octets());
  put(out, 64, digest.low);
  put(out, 72, digest.high);
  put(out, 80, static_cast<std::uint16_t>(pdu.size()));
  std::size_t at = kFixedBytes;
  std::size_t length_at = 82;
  for (const base::Bytes text : texts_of(message)) {
    const std::size_t size = kept_bytes(text);
    put(out, length_at++, static_cast<std::uint8_t>(size));
    if (size != 0) std::memcpy(out.data() + at, text.data(), size);
    at += size;
  }
  if (is_v3(message.version)) {
    put(out, at, message.security.engine_boots);
    put(out, at + 4, message.security.engine_time);
    at += 8;
  }
  std::memcpy(out.data() + at, pdu.data(), pdu.size());
  return out.subspan(at, pdu.size());
}

bool decode_event(const RecordView& record, protocol::DecodeScratch& scratch,
                  TrapMessage& message) {
  const base::Bytes in = record.payload;
  if (in.size() < kFixedBytes || !is_version(get<std::uint8_t>(in, 0))) return false;
  std::array<base::Bytes, 6> texts;
  std::size_t at = kFixedBytes;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto size = get<std::uint8_t>(in, 82 + i);
    if (size > in.size() - at) return false;
    texts[i] = in.subspan(at, size);
    at += size;
  }
  const auto version = static_cast<protocol::Version>(get<std::uint8_t>(in, 0));
  const std::size_t clock_at = at;
  at += engine_clock_bytes(version);
  if (at > in.size() || get<std::uint16_t>(in, 80) != in.size() - at) return false;
  const auto decoded =
      protocol::decode_pdu(in.subspan(at), version, protocol::kHighestMaxVarbinds, scratch);
  if (!decoded) return false;
  message = *decoded;
  message.flags.add(protocol::Tolerances(get<std::uint32_t>(in, 4)));
  message.msg_id = get<std::int32_t>(in, 12);
  message.peer = {get_address(in, 16), get<std::uint16_t>(in, 8)};
  message.local = {get_address(in, 32), get<std::uint16_t>(in, 10)};
  message.agent = get_address(in, 48);
  message.agent_via = static_cast<protocol::AgentVia>(get<std::uint8_t>(in, 2) & 3U);
  message.received_at = record.received;
  message.listener = base::as_text(texts[0]);
  message.community = base::as_text(texts[1]);
  message.security = {base::as_text(texts[2]),
                      static_cast<protocol::SecurityLevel>(get<std::uint8_t>(in, 1)), texts[3],
                      texts[4], base::as_text(texts[5])};
  if (is_v3(version)) {
    message.security.engine_boots = get<std::int32_t>(in, clock_at);
    message.security.engine_time = get<std::int32_t>(in, clock_at + 4);
  }
  return true;
}

std::optional<RecordedEngine> event_engine(const RecordView& record) {
  const base::Bytes in = record.payload;
  if (in.size() < kFixedBytes || !is_v3(static_cast<protocol::Version>(get<std::uint8_t>(in, 0))) ||
      get<std::uint8_t>(in, 1) < static_cast<std::uint8_t>(protocol::SecurityLevel::auth_no_priv) ||
      get<std::uint8_t>(in, 3) != static_cast<std::uint8_t>(protocol::PduKind::trap)) {
    return std::nullopt;
  }
  std::array<std::size_t, 7> starts{kFixedBytes};  // of the six texts, and of what follows them
  for (std::size_t i = 0; i < 6; ++i) starts[i + 1] = starts[i] + get<std::uint8_t>(in, 82 + i);
  if (starts[6] + 8 > in.size()) return std::nullopt;
  return RecordedEngine{in.subspan(starts[3], starts[4] - starts[3]),
                        get<std::int32_t>(in, starts[6]), get<std::int32_t>(in, starts[6] + 4),
                        record.received};
}

void encode_kept_event(const RecordView& record, std::vector<std::byte>& out) {
  const std::int64_t received = record.received.time_since_epoch().count();
  out.resize(sizeof received + record.payload.size());
  store(out.data(), received);
  std::copy(record.payload.begin(), record.payload.end(), out.begin() + sizeof received);
}

std::optional<RecordView> kept_record(base::Bytes kept) {
  if (kept.size() < sizeof(std::int64_t)) return std::nullopt;
  RecordView record;
  record.type = RecordType::event;
  record.received = base::WallTime(std::chrono::nanoseconds(load<std::int64_t>(kept.data())));
  record.payload = kept.subspan(sizeof(std::int64_t));
  return record;
}

InformDigest event_digest(base::Bytes payload) {
  if (payload.size() < kFixedBytes) return {};
  return {get<std::uint64_t>(payload, 64), get<std::uint64_t>(payload, 72)};
}

}  // namespace trapline::gateway::journal
