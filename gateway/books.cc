#include "gateway/books.h"

#include <algorithm>

namespace trapline::gateway {
namespace {

SinkBooks sink_books(const SinkReport& report, const journal::Standing& now) {
  SinkBooks books{report, 0, 0, 0};
  const std::uint64_t answered = report.delivered + report.dead_lettered + report.skipped;
  const auto standing = now.sinks.find(report.name);
  books.routed = report.on_record && standing != now.sinks.end() ? standing->second.routed
                                                                 : answered + report.in_hand;
  const bool read_everything = report.position_lsn >= now.last.value;
  const std::uint64_t unread =
      read_everything ? 0 : books.routed - std::min(books.routed, answered + report.in_hand);
  books.pending = report.in_hand + unread;
  books.difference = static_cast<std::int64_t>(books.routed - answered - books.pending);
  return books;
}

}  // namespace

bool Books::balance() const {
  return reception.difference() == 0 && decision_difference == 0 &&
         std::all_of(sinks.begin(), sinks.end(),
                     [](const SinkBooks& sink) { return sink.difference == 0; });
}

Books make_books(const BookSources& sources, const journal::Standing& start,
                 const journal::Standing& now) {
  Books books;
  books.reception = sources.reception;
  books.kernel_drops = sources.kernel_drops;
  books.recovered = start.events - (start.decided - start.synthetic) - start.lost;
  books.synthetic = now.synthetic - start.synthetic;
  books.decided = now.decided - start.decided;
  books.lost = sources.router.lost;
  const std::uint64_t decided_events = books.decided - books.synthetic;
  const bool read_everything = sources.router.position >= now.last;
  const std::uint64_t known = read_everything
                                  ? sources.router.read
                                  : now.events - start.events + books.recovered - books.lost;
  books.awaiting = known - decided_events;
  books.decision_difference =
      static_cast<std::int64_t>(books.reception.accepted + books.synthetic + books.recovered -
                                books.decided - books.awaiting - books.lost);
  for (const SinkReport& report : sources.sinks) books.sinks.push_back(sink_books(report, now));
  return books;
}

}  // namespace trapline::gateway
