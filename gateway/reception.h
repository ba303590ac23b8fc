// Reception: from a batch of datagrams to a batch of EVENT records, on one listener's thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>

#include "base/clock.h"
#include "base/log.h"
#include "gateway/access.h"
#include "gateway/admission.h"
#include "gateway/config/config.h"
#include "gateway/datagram.h"
#include "gateway/inform_duplicates.h"
#include "gateway/journal/journal.h"
#include "gateway/ledger.h"
#include "gateway/report_budget.h"
#include "gateway/responder.h"
#include "protocol/decode.h"
#include "protocol/usm/inbound.h"

namespace trapline::gateway {

// What all receptions share of SNMPv3. Everything outlives them.
struct V3Reception {
  protocol::usm::InboundShared usm;
  ReportBudget& reports;
};

// What all receptions share. Everything outlives them.
struct ReceptionShared {
  const Config& config;
  const Access& access;
  journal::Journal& journal;
  InformDuplicates& duplicates;
  Ledger& ledger;
  const base::Clock& clock;
  base::Log& log;
  std::uint64_t seed;               // of the informs' digests; the same after a restart
  std::uint64_t table_seed;         // of tables in memory
  const V3Reception* v3 = nullptr;  // null while no user is configured
};

// One per listener; used by its thread only.
class Reception {
 public:
  static constexpr std::size_t kBatchRoomBytes = 1U << 20;

  // `listener` is the name events carry; `port` is where Responses go out. Both outlive it.
  Reception(const ReceptionShared& shared, std::string_view listener, DatagramPort& port);

  // Admits, decodes, checks and appends, in batches of bounded size. Every datagram is entered in
  // the ledger, with the reason where it is turned away. `shed` is set while the journal cannot
  // take any more: then all of it is counted as shed, and nothing is answered.
  void process(std::span<const Datagram> datagrams, bool shed);
  // Waits for room in the journal; false when the disk is in trouble and the queue is full.
  [[nodiscard]] bool wait_for_room(std::chrono::milliseconds at_most);

 private:
  void process_some(std::span<const Datagram> datagrams);
  void count_arrival(const Datagram& datagram);
  void process_one(const Datagram& datagram);
  [[nodiscard]] bool admit(const Datagram& datagram);
  void turn_away(const Datagram& datagram, const protocol::DecodeError& error);
  void refuse(const Datagram& datagram, RefusalReason reason);
  void refuse_v3(const Datagram& datagram);
  void send_report(const Datagram& datagram, const protocol::usm::V3Trace& trace);
  void accept_inform(const Datagram& datagram, protocol::Decoded& decoded);
  void store(protocol::Decoded& decoded, const journal::InformDigest& digest);
  [[nodiscard]] bool grant_access(const Datagram& datagram, protocol::Decoded& decoded);
  [[nodiscard]] Reply reply_to(const Datagram& datagram, protocol::Version version);
  void blank_community(const protocol::TrapMessage& message, base::Bytes pdu,
                       base::MutableBytes copy) const;
  void hand_over();
  void start_batch();

  const ReceptionShared shared_;
  const std::string_view listener_;
  DatagramPort& port_;
  Admission admission_;
  protocol::DecodeScratch scratch_;
  const std::unique_ptr<protocol::usm::Inbound> v3_;  // null while no user is configured
  ReplyArena arena_;

  // Of the batch at hand.
  std::unique_ptr<journal::AppendBatch> batch_;
  std::unique_ptr<BatchReceipt> receipt_;
  ReceptionCounts counts_;
  base::WallTime received_at_{};
  base::BootTime received_boot_{};

  base::LogSite malformed_site_;
  base::LogSite refused_site_;
  base::LogSite refused_v3_site_;
  base::LogSite time_told_site_;
  base::LogSite limited_site_;
  base::LogSite shed_site_;
};

}  // namespace trapline::gateway
