// One gateway process in simulation: every stage of the line, without threads or sockets.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <vector>

#include "gateway/books.h"
#include "gateway/journal_outcomes.h"
#include "gateway/reception.h"
#include "gateway/router.h"
#include "protocol/encode.h"
#include "sinks/ordered_worker.h"

namespace trapline::simulation {

using namespace gateway;  // NOLINT: tests only

// Where Responses arrive: the request-ids that were acknowledged.
class Senders final : public DatagramPort {
 public:
  [[nodiscard]] std::span<const Datagram> receive(std::chrono::milliseconds) override { return {}; }
  std::size_t send(std::span<const Reply> replies) override {
    for (const Reply& reply : replies) acknowledged.insert(reply.peer.port);
    return replies.size();
  }
  // An inform's sender is known by its port, which is its request-id too.
  std::set<std::int32_t> acknowledged;
};

inline constexpr std::string_view kLinkDown = "1.3.6.1.6.3.1.1.5.3";
inline constexpr std::string_view kLinkUp = "1.3.6.1.6.3.1.1.5.4";

inline std::vector<std::byte> message(protocol::PduKind kind, std::int32_t request_id,
                                      std::string_view trap = kLinkDown) {
  protocol::Notification notification;
  notification.pdu = kind;
  notification.request_id = request_id;
  const auto trap_oid = *protocol::Oid::parse(trap);
  notification.trap_oid = trap_oid;
  std::vector<std::byte> out;
  protocol::encode_v2c(notification, base::as_bytes("public"), out);
  return out;
}

// What one process is made of; it dies with its memory.
struct Process {
  Process(const Config& config, std::unique_ptr<journal::Journal> opened, std::uint64_t seed,
          const base::Clock& clock, base::Random& random, base::Log& log, Senders& senders,
          sinks::Sink& sink, const RouterRules& rules = {})
      : journal(std::move(opened)),
        access(config),
        duplicates(config.limits.duplicate_window, config.limits.duplicate_entries),
        reception({config, access, *journal, duplicates, ledger, clock, log, seed, 1}, "sim",
                  senders),
        router(*journal, {"destination"}, clock, log, rules),
        outcomes(*journal, "destination"),
        worker({}, sink, outcomes, clock, random) {
    for (const auto& inform : journal->recovered().informs) {
      duplicates.restore(inform.digest, clock.boot());
    }
  }

  [[nodiscard]] Books books() const {
    BookSources sources{ledger.counts(), 0, router.figures(), {}};
    const auto figures = worker.figures();
    SinkReport report;
    report.name = "destination";
    report.position_lsn = figures.position_lsn;
    report.delivered = figures.delivered;
    report.skipped = figures.skipped;
    report.in_hand = figures.in_hand;
    sources.sinks.push_back(report);
    return make_books(sources, journal->recovered().standing, journal->standing());
  }

  std::unique_ptr<journal::Journal> journal;
  Access access;
  Ledger ledger;
  InformDuplicates duplicates;
  Reception reception;
  Router router;
  JournalOutcomes outcomes;
  sinks::OrderedWorker worker;
};

}  // namespace trapline::simulation
