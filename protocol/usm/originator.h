// Originator: USM for the messages we send on our own (RFC 3414 §3.1): traps, informs and requests
// to one peer, and its answers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "protocol/usm/local_engine.h"
#include "protocol/usm/user.h"
#include "protocol/usm/v3_trace.h"

namespace trapline::protocol::usm {

// The Reports of RFC 3414 §5 (and RFC 3412's) as an originator meets them.
enum class ReportKind : std::uint8_t {
  unsupported_sec_level,
  not_in_time_window,
  unknown_user_name,
  unknown_engine_id,
  wrong_digest,
  decryption_error,
  other,
};
// "usmStatsWrongDigests", ... ; "Report" for other.
[[nodiscard]] std::string_view name_of(ReportKind kind);

enum class ReplyKind : std::uint8_t { response, report };

// An answer that fits a question of ours. `pdu` views the Originator until its next call.
struct V3Reply {
  ReplyKind kind = ReplyKind::response;
  ReportKind report = ReportKind::other;
  std::int32_t msg_id = 0;
  base::Bytes pdu;  // tag and length included
  // Octets of the longest message that the peer takes (msgMaxSize), when what it says is to be
  // relied on: signed, or of a user who signs nothing.
  std::optional<std::uint32_t> max_size_bytes;
};

// What a message to be sent has beside its PDU. `engine` of a trap is the sender's own; of an
// inform or request it is the peer's, learned by discovery.
struct OriginatorOptions {
  SecurityLevel level = SecurityLevel::no_auth_no_priv;
  std::string context_name;
  std::vector<std::byte> context_engine_id;  // empty: the authoritative engine
};

// One per (user, peer); not synchronised. `user` and `salts` outlive it.
class Originator {
 public:
  Originator(const UsmUser& user, SaltCounters& salts, OriginatorOptions options);
  ~Originator();

  // Sends as `engine`: for traps, where we are authoritative.
  void be_authoritative(const LocalEngine& engine);
  // Knows the peer's engine without asking (`--engine-id`); boots and time are still learned.
  void expect_engine(base::Bytes engine_id);
  // True when the peer's engineID is not known yet, so that `write_probe` must come first.
  [[nodiscard]] bool needs_discovery() const;
  // Appends a discovery probe (RFC 3414 §4): an empty GetRequest of no user, reportable.
  void write_probe(std::int32_t msg_id, std::vector<std::byte>& out);
  // Appends a message with this PDU; nothing while the engine is not known, or when it is longer
  // than a datagram. `confirmed` PDUs carry the reportableFlag.
  void write(std::int32_t msg_id, base::Bytes pdu, bool confirmed, base::BootTime now,
             std::vector<std::byte>& out);
  // Reads an answer. A Report may teach engineID, boots and time: unknown_engine_id and
  // not_in_time_window are then worth another `write`. Fails when the datagram is no v3 message,
  // its digest is wrong, it is outside the window, or it cannot be decrypted; says why in one line.
  // A reply below the level of the question, or of another engine, user or context, is refused,
  // Reports excepted.
  [[nodiscard]] base::Result<V3Reply, std::string> read(base::Bytes datagram, base::BootTime now);
  // The authoritative engine's ID, empty while not known.
  [[nodiscard]] base::Bytes engine_id() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace trapline::protocol::usm
