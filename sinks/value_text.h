// Values of variable bindings as text that people read.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "base/bytes.h"
#include "base/ip_address.h"
#include "protocol/mib/mib_index.h"
#include "protocol/value.h"
#include "sinks/text_buffer.h"

namespace trapline::sinks {

// The octets in the form given (not `guess`): hex, "00:1b:44:11:3a:b7", or the DateAndTime of
// RFC 2579, "2026-1-1,12:34:56.7,+0:0". Text is escaped as JSON does.
void put_octets(TextBuffer& text, base::Bytes octets, protocol::mib::TextForm form);

// An address in canonical text, for the several places of one line that show it.
class AddressText {
 public:
  explicit AddressText(const base::IpAddress& address) : size_(address.format(room_).size()) {}
  // Valid as long as this object.
  [[nodiscard]] std::string_view view() const { return {room_.data(), size_}; }

 private:
  static constexpr std::size_t kLongestAddress = 46;

  std::array<char, kLongestAddress> room_;
  std::size_t size_;
};

// An IpAddress of four octets, dotted.
void put_ipv4(TextBuffer& text, base::Bytes octets);

// Any value as events show it in `text`: "up(1)", "IF-MIB::linkDown", "1 day, 2:03:04.05", octets
// as above. `node` is the object it is a value of, or null. Escaped as JSON does, not quoted.
void put_value_text(TextBuffer& text, const protocol::Value& value, const protocol::mib::Node* node,
                    const protocol::mib::MibIndex& mibs);

}  // namespace trapline::sinks
