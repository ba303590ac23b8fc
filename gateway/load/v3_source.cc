#include "gateway/load/v3_source.h"

#include <algorithm>

#include "protocol/ber_reader.h"

namespace trapline::gateway::load {
namespace {

namespace usm = protocol::usm;

// A msgID is a request-id: one number names an inform in both.
constexpr std::int32_t kProbeId = 1;

std::optional<std::int32_t> request_id_of(base::Bytes response) {
  std::vector<std::byte> no_oids;
  protocol::BerContext context(response, no_oids);
  base::Bytes content;
  std::int32_t request_id = 0;
  if (!protocol::BerReader(response, context).read(protocol::tag::kResponse, content) ||
      !protocol::BerReader(content, context).read_int32(request_id)) {
    return std::nullopt;
  }
  return request_id;
}

}  // namespace

V3Source::V3Source(const LoadOptions& options, const usm::UsmUser& user,
                   const usm::OriginatorOptions& v3, const base::Clock& clock, base::Random& random)
    : pdu_(options),
      pdu_copy_(pdu_.bytes().begin(), pdu_.bytes().end()),
      confirmed_(options.kind == protocol::PduKind::inform),
      clock_(clock),
      originator_(user, salts_, v3),
      ready_(!confirmed_) {
  salts_.aes = random.next();
  salts_.des = static_cast<std::uint32_t>(random.next());
}

bool V3Source::discover(LoadSockets& sockets, std::chrono::milliseconds timeout,
                        unsigned attempts) {
  std::vector<std::byte> probe;
  originator_.write_probe(kProbeId, probe);
  iovec vector{probe.data(), probe.size()};
  mmsghdr header{};
  header.msg_hdr.msg_iov = &vector;
  header.msg_hdr.msg_iovlen = 1;
  for (unsigned attempt = 0; attempt < attempts && originator_.needs_discovery(); ++attempt) {
    sockets.send(0, std::span(&header, 1));
    const base::BootTime deadline = clock_.boot() + timeout;
    while (originator_.needs_discovery() && clock_.boot() < deadline) {
      if (!sockets.wait_readable(clock_.boot(), deadline)) return false;
      sockets.receive([&](unsigned, base::Bytes datagram) { (void)read(datagram); });
    }
  }
  return !originator_.needs_discovery();
}

void V3Source::write(const Identity& identity, std::vector<std::byte>& out) {
  pdu_.patch(pdu_copy_, identity);
  out.clear();
  originator_.write(identity.request_id, pdu_copy_, confirmed_, clock_.boot(), out);
}

std::optional<Answer> V3Source::read(base::Bytes datagram) {
  const auto reply = originator_.read(datagram, clock_.boot());
  if (!reply) {
    trouble_ = reply.error();
    return std::nullopt;
  }
  if (reply->kind == usm::ReplyKind::response) {
    const auto request_id = request_id_of(reply->pdu);
    if (!request_id) return std::nullopt;
    ready_ = true;
    return Answer{*request_id, true};
  }
  if (reply->report == usm::ReportKind::not_in_time_window) return Answer{reply->msg_id, false};
  if (reply->msg_id != kProbeId) trouble_ = usm::name_of(reply->report);
  return std::nullopt;
}

}  // namespace trapline::gateway::load
