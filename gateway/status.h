// The gateway's state as JSON, for `trapline status`, and as one log line.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "gateway/books.h"
#include "gateway/decider.h"
#include "gateway/journal/journal.h"
#include "gateway/poller/enricher.h"
#include "gateway/poller/poller.h"

namespace trapline::gateway {

// One socket.
struct ListenerReport {
  std::string name;
  std::string local;
  std::uint64_t kernel_drops = 0;
  std::uint64_t receive_buffer_bytes = 0;
};

// The SNMPv3 engine.
struct V3Report {
  std::string engine_id;
  std::int32_t engine_boots = 0;
  std::int32_t engine_time = 0;
  std::size_t users = 0;
  std::size_t remote_engines = 0;
  std::array<std::uint32_t, 6> usm_stats{};  // as RFC 3414 §5 lists them
};

// Everything `status` shows; a snapshot.
struct StatusReport {
  std::string node;
  std::chrono::seconds uptime{0};
  bool ready = false;
  Books books;
  std::vector<ListenerReport> listeners;
  journal::JournalStats journal;
  journal::Recovered recovered;
  std::size_t duplicate_entries = 0;
  std::optional<V3Report> v3;       // nothing while no user is configured
  std::optional<RuleReport> rules;  // nothing without rules
  EnricherFigures enrichment;
  PollerCounters enrichment_packets;
};

// The document GET /status answers with. Field names are what users' scripts rely on.
[[nodiscard]] std::string status_json(const StatusReport& report);
// The books as one log line, `id` telling the occasion.
void log_books(base::Log& log, std::string_view id, std::string_view message, const Books& books);

}  // namespace trapline::gateway
