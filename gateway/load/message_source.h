// Where a load's messages come from, and what the answers to them mean.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "gateway/load/notification_template.h"

namespace trapline::gateway::load {

// What a datagram from the receiver says about an inform. Plain value.
struct Answer {
  std::int32_t request_id = 0;
  bool acknowledged = false;  // false: to be sent again at once, for the answer taught us something
};

// Writes one message after the other. Used by one thread.
class MessageSource {
 public:
  virtual ~MessageSource() = default;
  // Makes `out` the message with this identity. `out` is empty or what this source wrote into it
  // before.
  virtual void write(const Identity& identity, std::vector<std::byte>& out) = 0;
  // Reads an answer; nothing when it is none.
  [[nodiscard]] virtual std::optional<Answer> read(base::Bytes datagram) = 0;
  // False while informs should go out one at a time, until the first one has been answered.
  [[nodiscard]] virtual bool ready() const { return true; }
  // What answers said that were of no use, last; empty when there was none.
  [[nodiscard]] virtual std::string trouble() const { return {}; }
};

// Copies of a v1 or v2c template, which outlives it.
class TemplateSource final : public MessageSource {
 public:
  explicit TemplateSource(const NotificationTemplate& message) : message_(message) {}

  void write(const Identity& identity, std::vector<std::byte>& out) override;
  [[nodiscard]] std::optional<Answer> read(base::Bytes datagram) override;

 private:
  const NotificationTemplate& message_;
};

}  // namespace trapline::gateway::load
