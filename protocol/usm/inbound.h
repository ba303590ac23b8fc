// Inbound: USM for the messages that reach us (RFC 3412 §7.2, RFC 3414 §3.2): who sent it, is it
// genuine and timely, and what does it say in the clear.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/bytes.h"
#include "base/clock.h"
#include "protocol/ber_reader.h"
#include "protocol/usm/engine_table.h"
#include "protocol/usm/local_engine.h"
#include "protocol/usm/user.h"
#include "protocol/usm/v3_trace.h"

namespace trapline::protocol::usm {

// What every Inbound of a gateway shares. All of it outlives them.
struct InboundShared {
  const UserTable& users;
  const LocalEngine& engine;
  EngineTimes& engines;
  SaltCounters& salts;
  UsmStats& stats;
};

// An accepted message, opened. Views the datagram and the Inbound until its next message.
struct ScopedPdu {
  base::Bytes context_engine_id;
  std::string_view context_name;
  base::Bytes pdu;  // tag and length included
};

// One per listening thread; not synchronised. Holds the keys localized so far, a bounded number of
// them, the longest unused making room; whatever holds keys stays out of core dumps.
class Inbound {
 public:
  explicit Inbound(const InboundShared& shared);
  ~Inbound();

  // False when no user is configured: v3 is then not spoken at all.
  [[nodiscard]] bool has_users() const;

  // Hashes messages ahead, several at once, for the `open` of each of these datagrams in their
  // order. It may as well not come, and comes to the same without this. More than kMostAhead are of
  // no use. The datagrams must stay as they are until `forget_ahead`.
  static constexpr std::size_t kMostAhead = 64;
  void look_ahead(std::span<const base::Bytes> datagrams);
  void forget_ahead();

  // Takes a v3 message apart, in this order: parse, engine, user, level, digest, time, decryption,
  // scopedPDU. `context` is that of the datagram and takes flags and errors. False with
  // context.error set: kind `usm_refused` when trace().refusal says why (and trace().report may
  // hold the answer), any other kind when the message is malformed. `now` is its arrival. Never
  // answers a message of the wrong digest with anything that depends on its encrypted part.
  [[nodiscard]] bool open(base::Bytes datagram, base::BootTime now, BerContext& context,
                          ScopedPdu& out);
  // To be called when `open` was content and the PDU turned out to be an inform although the
  // message is not for our engine, or a PDU that is no notification, or unreadable: sets the trace
  // (and a Report, where one is due).
  void refuse_opened(V3Refusal refusal, base::BootTime now);
  // What is known of the message `open` was last given.
  [[nodiscard]] const V3Trace& trace() const;

  // Octets that `respond` may need for the inform that `open` was last content with.
  [[nodiscard]] std::size_t response_room() const;
  // Writes the Response to it: the same variable bindings, at the level it came with, with our
  // boots and time. Larger than the sender's msgMaxSize, it becomes a tooBig without variable
  // bindings (RFC 3416 §4.2.3). Returns its octets; 0 when `out` is too small, or
  // when its scope's names leave no room for that either. No allocation.
  [[nodiscard]] std::size_t respond(base::BootTime now, base::MutableBytes out);

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace trapline::protocol::usm
