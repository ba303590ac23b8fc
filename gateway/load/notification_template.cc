#include "gateway/load/notification_template.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <string_view>

#include "protocol/ber_reader.h"
#include "protocol/community_message.h"
#include "protocol/encode.h"

namespace trapline::gateway::load {
namespace {

using protocol::Oid;
using protocol::VarBind;

constexpr std::uint32_t kInterface = 7;
constexpr std::uint32_t kUptime = 0x0102'0304;  // four octets in BER
// Found in the encoded message, and nowhere else in it.
constexpr std::int32_t kPlaceholderId = 0x5a5a'5a5a;
constexpr std::string_view kPlaceholderMark = "tl-00000000-0000-00000000";
static_assert(kPlaceholderMark.size() == kMarkBytes);

Oid oid(std::string_view dotted) { return *Oid::parse(dotted); }

// IF-MIB's ifEntry columns, as an agent sends them.
constexpr std::string_view kIfIndex = "1.3.6.1.2.1.2.2.1.1.7";
constexpr std::string_view kIfDescr = "1.3.6.1.2.1.2.2.1.2.7";
constexpr std::string_view kIfAdminStatus = "1.3.6.1.2.1.2.2.1.7.7";
constexpr std::string_view kIfOperStatus = "1.3.6.1.2.1.2.2.1.8.7";
constexpr std::string_view kIfInOctets = "1.3.6.1.2.1.2.2.1.10";

// Variable bindings with the storage they view.
class VarBinds {
 public:
  // `count` of them, the mark among them: what an agent tells of the interface, then counters.
  explicit VarBinds(std::size_t count) {
    names_.reserve(count);
    contents_.reserve(count);
    if (count > 1) add_number(oid(kIfIndex), protocol::ValueType::integer32, kInterface);
    if (count > 2) add_number(oid(kIfAdminStatus), protocol::ValueType::integer32, 1);
    if (count > 3) add_number(oid(kIfOperStatus), protocol::ValueType::integer32, 2);
    add(oid(kIfDescr), protocol::ValueType::octet_string, protocol::tag::kOctetString, 0,
        base::as_bytes(kPlaceholderMark));
    for (std::uint32_t row = 1; varbinds_.size() < count; ++row) {
      Oid name = oid(kIfInOctets);
      name.append(row);
      add_number(std::move(name), protocol::ValueType::counter32, 0x4000'0000 + row);
    }
  }

  [[nodiscard]] std::span<const VarBind> view() const { return varbinds_; }

 private:
  void add_number(Oid name, protocol::ValueType type, std::uint32_t number) {
    const bool counter = type == protocol::ValueType::counter32;
    std::array<std::byte, 4> octets{};
    for (std::size_t i = 0; i < octets.size(); ++i) {
      octets[i] = static_cast<std::byte>(number >> (24 - 8 * i));
    }
    const base::Bytes all(octets);
    add(std::move(name), type, counter ? protocol::tag::kCounter32 : protocol::tag::kInteger,
        number, counter ? all : all.last(1));
  }

  void add(Oid name, protocol::ValueType type, std::uint8_t tag, std::uint64_t number,
           base::Bytes content) {
    names_.push_back(std::move(name));
    contents_.emplace_back(content.begin(), content.end());
    VarBind varbind;
    varbind.name = names_.back();
    varbind.value.type = type;
    varbind.value.tag = tag;
    varbind.value.number = number;
    varbind.value.content = contents_.back();
    varbinds_.push_back(varbind);
  }

  std::vector<Oid> names_;
  std::vector<std::vector<std::byte>> contents_;
  std::vector<VarBind> varbinds_;
};

std::vector<std::byte> encode(const LoadOptions& options) {
  const VarBinds varbinds(options.varbinds - 2);  // the encoder adds the standard two
  const base::Bytes community = base::as_bytes(options.community);
  std::vector<std::byte> message;
  if (options.version == protocol::Version::v1) {
    const Oid enterprise = oid("1.3.6.1.6.3.1.1.5");
    protocol::NotificationV1 notification;
    notification.enterprise = enterprise;
    notification.agent_addr = base::IpAddress::v4({127, 0, 0, 1});
    notification.generic = 2;
    notification.uptime = kUptime;
    notification.varbinds = varbinds.view();
    protocol::encode_v1(notification, community, message);
    return message;
  }
  const Oid link_down = oid("1.3.6.1.6.3.1.1.5.3");
  protocol::Notification notification;
  notification.pdu = options.kind;
  notification.request_id = kPlaceholderId;
  notification.uptime = kUptime;
  notification.trap_oid = link_down;
  notification.varbinds = varbinds.view();
  if (options.version == protocol::Version::v3) {
    protocol::encode_pdu(notification, message);
  } else {
    protocol::encode_v2c(notification, community, message);
  }
  return message;
}

std::size_t offset_of(base::Bytes message, base::Bytes part) {
  const auto at = std::search(message.begin(), message.end(), part.begin(), part.end());
  assert(at != message.end());
  return static_cast<std::size_t>(at - message.begin());
}

void write_big_endian(std::int32_t number, std::byte* out) {
  const auto bits = static_cast<std::uint32_t>(number);
  for (int i = 0; i < 4; ++i) out[i] = static_cast<std::byte>(bits >> (24 - 8 * i));
}

}  // namespace

NotificationTemplate::NotificationTemplate(const LoadOptions& options)
    : message_(encode(options)), run_(options.run) {
  mark_at_ = offset_of(message_, base::as_bytes(kPlaceholderMark));
  if (options.version == protocol::Version::v1) return;
  std::array<std::byte, 6> id{std::byte{protocol::tag::kInteger}, std::byte{4}};
  write_big_endian(kPlaceholderId, id.data() + 2);
  request_id_at_ = offset_of(message_, id) + 2;
}

void NotificationTemplate::patch(base::MutableBytes copy, const Identity& identity) const {
  assert(copy.size() == message_.size());
  if (request_id_at_ != 0) write_big_endian(identity.request_id, copy.data() + request_id_at_);
  const std::span<char, kMarkBytes> mark(reinterpret_cast<char*>(copy.data() + mark_at_),
                                         kMarkBytes);
  write_mark({run_, identity.source, identity.sequence}, mark);
}

std::optional<std::int32_t> response_request_id(base::Bytes datagram) {
  std::vector<std::byte> no_oids;
  protocol::BerContext context(datagram, no_oids);
  protocol::CommunityMessage message;
  if (!protocol::read_community_message(datagram, context, message)) return std::nullopt;
  base::Bytes response;
  std::int32_t request_id = 0;
  if (!protocol::BerReader(message.pdu, context).read(protocol::tag::kResponse, response) ||
      !protocol::BerReader(response, context).read_int32(request_id)) {
    return std::nullopt;
  }
  return request_id;
}

}  // namespace trapline::gateway::load
