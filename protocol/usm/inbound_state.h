// What an Inbound consists of: one message on its way through USM, and what is kept between them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/undumped_buffer.h"
#include "protocol/usm/digests_ahead.h"
#include "protocol/usm/inbound.h"
#include "protocol/usm/key_cache.h"
#include "protocol/usm/message_writer.h"
#include "protocol/usm/security_parameters.h"
#include "protocol/usm/trial_reader.h"
#include "protocol/v3_message.h"

namespace trapline::protocol::usm {

// See Inbound, whose calls these are. Not synchronised.
class Inbound::State {
 public:
  // `shared` is copied; what it refers to outlives it.
  explicit State(const InboundShared& shared);

  [[nodiscard]] bool has_users() const { return !shared_.users.empty(); }
  // As Inbound::open.
  [[nodiscard]] bool open(base::Bytes datagram, base::BootTime now, BerContext& context,
                          ScopedPdu& out);
  // As Inbound's.
  void look_ahead(std::span<const base::Bytes> datagrams);
  void forget_ahead() { ahead_.clear(); }
  // Notes the refusal, counts it, and prepares a Report where one is due.
  void refuse(V3Refusal refusal, base::BootTime now);
  [[nodiscard]] const V3Trace& trace() const { return trace_; }
  // As the Inbound's.
  [[nodiscard]] std::size_t response_room() const;
  [[nodiscard]] std::size_t respond(base::BootTime now, base::MutableBytes out);

 private:
  // What can be seen of the PDU: of an encrypted one nothing before it is decrypted.
  struct Glance {
    bool readable = false;
    bool confirmed = false;  // its class expects an answer (RFC 3411 §2.8)
    std::int32_t request_id = 0;
  };

  [[nodiscard]] bool parse(base::Bytes datagram, BerContext& context);
  // The steps of RFC 3414 §3.2, each with its verdict.
  [[nodiscard]] V3Refusal judge(base::BootTime now, Tolerances& flags);
  [[nodiscard]] V3Refusal judge_engine();
  [[nodiscard]] V3Refusal judge_user();
  [[nodiscard]] V3Refusal authenticate();
  [[nodiscard]] UserKeys* fitting_keys();
  [[nodiscard]] bool fits_kept(const UserKeys& kept);
  void look_ahead_at(base::Bytes datagram);
  [[nodiscard]] V3Refusal judge_time(base::BootTime now, Tolerances& flags);
  [[nodiscard]] bool in_own_window(base::BootTime now) const;
  // Decrypts into `plain_`, at the ciphertext's own offset in the datagram.
  [[nodiscard]] V3Refusal decrypt(base::Bytes datagram, base::Bytes& plaintext);
  [[nodiscard]] bool read_scoped(base::Bytes text, bool decrypted, BerContext& context);
  bool fail(V3Refusal refusal, base::BootTime now, BerContext& context);

  [[nodiscard]] bool has_flag(std::uint8_t flag) const { return (trace_.flags & flag) != 0; }
  [[nodiscard]] Glance glance() const;
  void prepare_report(V3Refusal refusal, std::uint32_t value, base::BootTime now);
  [[nodiscard]] OutgoingMessage answer(std::uint8_t flags, base::Bytes pdu,
                                       base::BootTime now) const;
  [[nodiscard]] base::Bytes too_big_pdu();

  InboundShared shared_;
  KeyCache keys_;
  DigestsAhead ahead_;
  MessageWriter writer_;
  TrialReader trial_;
  base::UndumpedBuffer plain_;  // decrypted text, at the offsets its ciphertext has
  base::UndumpedBuffer pdu_;    // the PDU of an answer

  // Of the message at hand.
  base::Bytes datagram_;
  V3Message message_;
  SecurityParameters security_;
  const UsmUser* user_ = nullptr;
  UserKeys* in_use_ = nullptr;
  ScopedPduFields scoped_;
  bool opened_ = false;
  V3Trace trace_;
};

}  // namespace trapline::protocol::usm
