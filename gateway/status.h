// The gateway's state as JSON, for `trapline status`, and as one log line.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/log.h"
#include "gateway/books.h"
#include "gateway/journal/journal.h"

namespace trapline::gateway {

// One socket.
struct ListenerReport {
  std::string name;
  std::string local;
  std::uint64_t kernel_drops = 0;
  std::uint64_t receive_buffer_bytes = 0;
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
};

// The document GET /status answers with. Field names are what users' scripts rely on.
[[nodiscard]] std::string status_json(const StatusReport& report);
// The books as one log line, `id` telling the occasion.
void log_books(base::Log& log, std::string_view id, std::string_view message, const Books& books);

}  // namespace trapline::gateway
