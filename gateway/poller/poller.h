// Poller: an SNMP manager (RFC 1157, 3416 §4.2, 3412 §7.1). Asks devices, many at a time, and gives
// each question exactly one end.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "gateway/poller/ended_ids.h"
#include "gateway/poller/getter.h"
#include "gateway/poller/packet_pace.h"
#include "gateway/poller/poll_io.h"
#include "gateway/poller/question.h"
#include "gateway/poller/v3_peers.h"

namespace trapline::gateway {

// How much at a time. Plain value.
struct PollerLimits {
  std::size_t in_flight = 200;  // questions under way, in all
  std::size_t in_flight_per_device = 4;
  std::size_t waiting = 100'000;  // questions that wait for their turn; more are refused
  unsigned packets_per_sec = 0;   // 0: no limit
};

// Since the start. Every datagram received is one of answered, reports, late, duplicates,
// unmatched, wrong_source or malformed.
struct PollerCounters {
  std::uint64_t sent = 0;
  std::uint64_t send_failed = 0;
  std::uint64_t retries = 0;  // of `sent`, those that repeat a question
  std::uint64_t received = 0;
  std::uint64_t answered = 0;      // Responses to a question under way, errors among them
  std::uint64_t reports = 0;       // SNMPv3: discovery, time, refusals
  std::uint64_t late = 0;          // to a question that was given up
  std::uint64_t duplicates = 0;    // to a question that has its answer
  std::uint64_t unmatched = 0;     // to no question of ours
  std::uint64_t wrong_source = 0;  // to a question, but not from the address and port it went to
  std::uint64_t malformed = 0;     // not a Response that can be read, or not authentic
  std::uint64_t timeouts = 0;      // questions that ended without an answer
  std::uint64_t overloaded = 0;    // questions refused because too many wait
};

// Not synchronised: everything on one thread, as Getter says. What it is made from outlives it. Its
// datagrams and its time come by on_datagram, on_send_failed and on_time; callbacks run from within
// these only.
class Poller final : public Getter {
 public:
  using Done = std::function<void(GetAnswer)>;

  Poller(PollIo& io, const base::Clock& clock, base::Random& random, PollerLimits limits);
  ~Poller() override;

  // See Getter. tooBig halves the names; SNMPv1's noSuchName becomes noSuchInstance for the name it
  // points at, and the others are asked for again.
  void get(const Device& device, std::vector<protocol::Oid> names, Done done) override;
  // One PDU, as it is: nothing is split, and an error-status ends it. `done` as in `get`.
  void ask(const Device& device, Question question, Done done);

  // A datagram has arrived at one of the sockets. Hostile input is expected here.
  void on_datagram(const base::Endpoint& from, base::Bytes datagram);
  // The network did not take a datagram for `to` that PollIo::send had taken: what is under way
  // there ends as unreachable.
  void on_send_failed(const base::Endpoint& to, int error);
  // The time asked for by PollIo::wake_at has come.
  void on_time();

  [[nodiscard]] const PollerCounters& counters() const { return counters_; }
  [[nodiscard]] std::size_t in_flight() const { return exchanges_.size(); }
  [[nodiscard]] std::size_t waiting() const { return waiting_; }

 private:
  struct Exchange;
  struct DeviceQueue;
  struct EndpointHash {
    std::size_t operator()(const base::Endpoint& endpoint) const;
  };
  struct Ended {
    Done done;
    GetAnswer answer;
  };

  // Turns: devices that have something waiting, each at most once.
  void begin_what_may(base::BootTime now);
  void begin(std::unique_ptr<Exchange> exchange, base::BootTime now);
  void send(Exchange& exchange, base::BootTime now);
  void write_v3(Exchange& exchange, base::BootTime now);
  bool forget_unreadable(const Exchange& exchange);
  void send_again_or_give_up(Exchange& exchange, base::BootTime now);
  void end(Exchange& exchange, GetAnswer answer, QuestionEnd how);
  void deliver();
  void arrange_wake();

  void on_community(const base::Endpoint& from, base::Bytes datagram);
  void on_v3(const base::Endpoint& from, base::Bytes datagram);
  void on_report(Exchange& exchange, protocol::usm::ReportKind report);
  void complete(Exchange& exchange);
  // Null unless the id is of a question under way that went to `from`; counts why not.
  Exchange* expected(const base::Endpoint& from, std::int32_t id, std::int32_t request_id);
  void note_unreadable(const base::Endpoint& from, const std::string& what);
  std::int32_t fresh_id();

  PollIo& io_;
  const base::Clock& clock_;
  base::Random& random_;
  const PollerLimits limits_;
  PacketPace pace_;
  V3Peers v3_peers_;
  PollerCounters counters_;

  std::unordered_map<std::int32_t, std::unique_ptr<Exchange>> exchanges_;  // by request-id
  std::unordered_map<std::int32_t, std::int32_t> msg_ids_;                 // to request-ids
  std::unordered_map<base::Endpoint, DeviceQueue, EndpointHash> devices_;
  std::deque<base::Endpoint> turns_;
  std::set<std::pair<base::BootTime, std::int32_t>> deadlines_;
  EndedIds ended_ids_;
  std::deque<Ended> ended_;
  std::size_t waiting_ = 0;
  base::BootTime wake_{};         // what was asked of io_; zero when nothing
  std::uint64_t spare_bits_ = 0;  // half of what random_ gave last: one call makes two ids

  std::vector<std::byte> datagram_;
  std::vector<std::byte> room_;
  protocol::ResponsePdu response_;
};

}  // namespace trapline::gateway
