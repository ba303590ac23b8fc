// What the tests of USM send and who receives it: users, messages of a peer, and an Inbound with
// all it shares.
#pragma once

#include <string>
#include <vector>

#include "protocol/decode.h"
#include "protocol/usm/inbound.h"
#include "protocol/usm/message_writer.h"
#include "tests/support/wire.h"

namespace trapline::protocol::usm {

inline constexpr base::BootTime kNow{std::chrono::hours(10)};
inline constexpr std::string_view kAuthPassword = "an auth password";
inline constexpr std::string_view kPrivPassword = "a priv password";

// Our engine: 12 octets, boots 7, for 1,000 seconds at kNow.
[[nodiscard]] LocalEngine test_engine();
// A peer's engine.
[[nodiscard]] test_support::Octets peer_engine();

// The master keys of these passwords; computed once per program.
[[nodiscard]] MasterKeys master_keys(AuthProtocol auth, PrivProtocol priv,
                                     std::string_view auth_password = kAuthPassword,
                                     std::string_view priv_password = kPrivPassword);
// A user of the two passwords above.
[[nodiscard]] UsmUser test_user(std::string name, AuthProtocol auth, PrivProtocol priv);
// A vector of move-only users.
template <class... Users>
[[nodiscard]] std::vector<UsmUser> users(Users... each) {
  std::vector<UsmUser> all;
  (all.push_back(std::move(each)), ...);
  return all;
}

// A message as a peer sends it: a trap of its own engine, unless told otherwise.
struct PeerMessage {
  test_support::Octets engine_id = peer_engine();
  std::int32_t boots = 3;
  std::int32_t time = 500;
  std::uint8_t flags = 0;  // the level of the user when 0
  bool reportable = false;
  std::int32_t msg_id = 4711;
  std::int32_t max_size = 65'507;
  std::string user;  // that of the keys when empty
  int password = 0;
  test_support::Octets context_engine_id = peer_engine();
  std::string context_name;
  test_support::Octets pdu;  // a trap when empty
};

// An inform to `engine`, at its time.
[[nodiscard]] PeerMessage inform_to(const LocalEngine& engine);
// A trap PDU, and an inform PDU, of the two standard varbinds.
[[nodiscard]] test_support::Octets trap_pdu(std::int64_t request_id = 99);
[[nodiscard]] test_support::Octets inform_pdu(std::int64_t request_id = 99);
// The message on the wire, by the protocols and passwords of `user`.
[[nodiscard]] test_support::Octets written(const UsmUser& user, const PeerMessage& message);
// A discovery probe.
[[nodiscard]] test_support::Octets probe(std::int32_t msg_id = 1,
                                         const test_support::Octets& engine_id = {});

// An Inbound with users, and decoding through it.
class Receiver {
 public:
  explicit Receiver(std::vector<UsmUser> users);

  // Decodes a copy that ends where its memory ends; kept until the next call.
  const base::Result<Decoded, DecodeError>& receive(const test_support::Octets& octets,
                                                    base::BootTime now = kNow);
  // "accepted", the refusal's name, or the decode error's.
  [[nodiscard]] std::string_view verdict() const;
  // The Response to what was received.
  [[nodiscard]] test_support::Octets response(base::BootTime now = kNow);
  [[nodiscard]] const V3Trace& trace() const { return inbound_.trace(); }
  [[nodiscard]] Inbound& inbound() { return inbound_; }
  [[nodiscard]] const TrapMessage& message() const { return (*result_)->message; }
  [[nodiscard]] const UsmUser& user(std::string_view name) const { return *users_.find(name); }

  LocalEngine engine = test_engine();
  EngineTable engines{1'000};
  SaltCounters salts;
  UsmStats stats;

 private:
  UserTable users_;
  Inbound inbound_;
  DecodeScratch scratch_;
  std::optional<test_support::ExactCopy> copy_;
  std::optional<base::Result<Decoded, DecodeError>> result_;
};

// The OID of a Report's first varbind, as text; empty when `octets` is no readable Report.
[[nodiscard]] std::string report_oid(base::Bytes octets);

}  // namespace trapline::protocol::usm
