// An event as the notification that goes to an upstream SNMP manager (RFC 3584 §3).
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "protocol/translation.h"
#include "rules/routed_trap.h"
#include "sinks/snmp_options.h"

namespace trapline::sinks {

// Whether there is a notification in it to forward. A summary of others, or the word that a device
// has gone silent, is none of the device's own; a raise that is held goes out when it is raised,
// and a clear that came before that is about nothing.
[[nodiscard]] bool is_notification(const rules::RoutedTrap& event);

// The request-id of an event's notification: the same in every attempt and after a restart, so that
// the upstream can tell a resent inform. Positive; under a secret seed. Pure.
[[nodiscard]] std::int32_t request_id_of(const rules::RoutedTrap& event, std::uint64_t seed);

// Renders events for one upstream. Not synchronised; `options` outlives it.
class SnmpNotification {
 public:
  explicit SnmpNotification(const SnmpSinkOptions& options) : options_(options) {}

  // Appends the whole message of v1 or v2c, or the PDU that a v3 message carries. Why it cannot be
  // said in this version, or nothing.
  [[nodiscard]] std::optional<std::string> render(const protocol::TrapMessage& message,
                                                  std::int32_t request_id,
                                                  std::vector<std::byte>& out);
  // Varbinds of the last one that v1 could not carry.
  [[nodiscard]] std::size_t left_out() const { return left_out_; }

 private:
  [[nodiscard]] std::optional<std::string> render_v1(const protocol::TrapMessage& message,
                                                     std::vector<std::byte>& out);
  void add_community(std::span<const protocol::VarBind> of_message);
  void wrap_raw_values();

  const SnmpSinkOptions& options_;
  protocol::TranslationRoom room_;
  std::vector<protocol::VarBind> varbinds_;
  std::deque<std::vector<std::byte>> wrapped_;
  std::size_t left_out_ = 0;
};

}  // namespace trapline::sinks
