// BerWriter: appends BER with definite, minimal lengths (X.690 §8.1, RFC 3417 §8).
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "protocol/oid.h"

namespace trapline::protocol {

// Appends elements to a caller's buffer, which must outlive the writer. Elements nest by begin and
// end; every begin needs its end. Identifiers are single octets. Not synchronised.
class BerWriter {
 public:
  explicit BerWriter(std::vector<std::byte>& out) : out_(out) {}

  // Opens an element; hand the result to `end`.
  [[nodiscard]] std::size_t begin(std::uint8_t identifier);
  // Closes the element that `begin` opened, now that its length is known.
  void end(std::size_t began);

  // A whole element with this content.
  void write(std::uint8_t identifier, base::Bytes content);
  // An integer in as few octets as its sign allows.
  void write_signed(std::uint8_t identifier, std::int64_t number);
  // A number that is never negative: a leading zero octet where the top bit would be set.
  void write_unsigned(std::uint8_t identifier, std::uint64_t number);
  // The lowest `size_bytes` octets of `bits`, most significant first.
  void write_fixed(std::uint8_t identifier, std::uint64_t bits, std::size_t size_bytes);
  // An OBJECT IDENTIFIER. The empty OID is written as 0.0, which every receiver reads.
  void write_oid(OidView oid);

  // Octets as they are.
  void append(base::Bytes octets) { out_.insert(out_.end(), octets.begin(), octets.end()); }
  void append_octet(std::uint8_t octet) { out_.push_back(std::byte{octet}); }

 private:
  std::vector<std::byte>& out_;
};

}  // namespace trapline::protocol
