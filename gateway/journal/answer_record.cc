#include "gateway/journal/answer_record.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "gateway/journal/wire.h"

namespace trapline::gateway::journal {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kFixedBytes = 28;
constexpr std::size_t kValueBytes = 16;

std::byte* copy(std::byte* at, const void* from, std::size_t size) {
  if (size != 0) std::memcpy(at, from, size);
  return at + size;
}

}  // namespace

std::string_view name_of(rules::AnswerState state) {
  switch (state) {
    case rules::AnswerState::known: return "known";
    case rules::AnswerState::unknown: return "unknown";
    case rules::AnswerState::timeout: return "timeout";
    case rules::AnswerState::failed: return "failed";
    case rules::AnswerState::skipped: return "skipped";
  }
  return "failed";
}

std::size_t answered_bytes(const rules::AnsweredMember& member) {
  return kValueBytes + member.name.size() + member.varbind.name.content().size() +
         member.varbind.value.content.size();
}

void write_answered(const rules::AnsweredMember& member, base::MutableBytes out) {
  const protocol::Value& value = member.varbind.value;
  const base::Bytes oid = member.varbind.name.content();
  assert(out.size() == answered_bytes(member) && member.name.size() < 256);
  std::byte* at = out.data();
  store(at, static_cast<std::uint8_t>(member.name.size()));
  store(at + 1, static_cast<std::uint8_t>(value.type));
  store(at + 2, value.tag);
  store(at + 3, std::uint8_t{0});
  store(at + 4, value.number);
  store(at + 12, static_cast<std::uint16_t>(oid.size()));
  store(at + 14, static_cast<std::uint16_t>(value.content.size()));
  at = copy(at + kValueBytes, member.name.data(), member.name.size());
  at = copy(at, oid.data(), oid.size());
  copy(at, value.content.data(), value.content.size());
}

bool read_answered(base::Bytes& in, rules::AnsweredMember& member) {
  if (in.size() < kValueBytes) return false;
  const std::byte* const at = in.data();
  const std::size_t name = load<std::uint8_t>(at);
  const auto type = load<std::uint8_t>(at + 1);
  const std::size_t oid = load<std::uint16_t>(at + 12);
  const std::size_t content = load<std::uint16_t>(at + 14);
  if (type > static_cast<std::uint8_t>(protocol::ValueType::raw)) return false;
  if (in.size() < kValueBytes + name + oid + content) return false;
  member.name = base::as_text(in.subspan(kValueBytes, name));
  member.varbind.name = protocol::OidView(in.subspan(kValueBytes + name, oid));
  member.varbind.value = {static_cast<protocol::ValueType>(type), load<std::uint8_t>(at + 2),
                          load<std::uint64_t>(at + 4),
                          in.subspan(kValueBytes + name + oid, content)};
  in = in.subspan(kValueBytes + name + oid + content);
  return true;
}

std::size_t answer_bytes(const Answer& answer) {
  std::size_t bytes = kFixedBytes + answer.enrichment.size() + answer.key.size();
  for (const rules::AnsweredMember& member : answer.members) bytes += answered_bytes(member);
  return bytes;
}

void encode_answer(const Answer& answer, base::MutableBytes out) {
  assert(out.size() == answer_bytes(answer) && answer.enrichment.size() < 256);
  std::byte* at = out.data();
  std::memset(at, 0, kFixedBytes);
  store(at, kFormat);
  store(at + 1, static_cast<std::uint8_t>(answer.state));
  store(at + 2, static_cast<std::uint8_t>(answer.enrichment.size()));
  store(at + 3, static_cast<std::uint8_t>(answer.heard ? 1 : 0));
  store(at + 4, static_cast<std::uint32_t>(answer.good_for.count()));
  copy(at + 8, answer.agent.octets().data(), answer.agent.octets().size());
  store(at + 24, static_cast<std::uint16_t>(answer.key.size()));
  at = copy(at + kFixedBytes, answer.enrichment.data(), answer.enrichment.size());
  at = copy(at, answer.key.data(), answer.key.size());
  for (const rules::AnsweredMember& member : answer.members) {
    const std::size_t size = answered_bytes(member);
    write_answered(member, {at, size});
    at += size;
  }
}

bool decode_answer(base::Bytes payload, std::vector<rules::AnsweredMember>& scratch,
                   Answer& answer) {
  if (payload.size() < kFixedBytes) return false;
  const std::byte* const at = payload.data();
  const auto state = load<std::uint8_t>(at + 1);
  const std::size_t name = load<std::uint8_t>(at + 2);
  const std::size_t key = load<std::uint16_t>(at + 24);
  if (load<std::uint8_t>(at) != kFormat) return false;
  if (state > static_cast<std::uint8_t>(rules::AnswerState::skipped)) return false;
  if (payload.size() < kFixedBytes + name + key) return false;
  answer.state = static_cast<rules::AnswerState>(state);
  answer.heard = load<std::uint8_t>(at + 3) != 0 || answer.state == rules::AnswerState::known;
  answer.good_for = std::chrono::seconds(load<std::uint32_t>(at + 4));
  std::array<std::uint8_t, 16> octets;
  std::memcpy(octets.data(), at + 8, octets.size());
  answer.agent = base::IpAddress::v6(octets);
  answer.enrichment = base::as_text(payload.subspan(kFixedBytes, name));
  answer.key = base::as_text(payload.subspan(kFixedBytes + name, key));
  scratch.clear();
  for (base::Bytes rest = payload.subspan(kFixedBytes + name + key); !rest.empty();) {
    if (!read_answered(rest, scratch.emplace_back())) return false;
  }
  answer.members = scratch;
  return true;
}

}  // namespace trapline::gateway::journal
