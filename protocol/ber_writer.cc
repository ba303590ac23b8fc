#include "protocol/ber_writer.h"

#include <array>

#include "protocol/ber_reader.h"

namespace trapline::protocol {
namespace {

// The octets of a length but for the first, most significant first; how many are in use.
struct LengthOctets {
  std::array<std::byte, sizeof(std::uint32_t)> octets{};
  std::size_t count = 0;
};

LengthOctets long_length(std::size_t length) {
  LengthOctets out;
  for (unsigned shift = 32; shift > 0;) {
    shift -= 8;
    if (out.count != 0 || (length >> shift) != 0) {
      out.octets[out.count++] = std::byte((length >> shift) & 0xff);
    }
  }
  return out;
}

}  // namespace

std::size_t BerWriter::begin(std::uint8_t identifier) {
  append_octet(identifier);
  append_octet(0);
  return out_.size();
}

void BerWriter::end(std::size_t began) {
  const std::size_t length = out_.size() - began;
  if (length < 0x80) {
    out_[began - 1] = std::byte(length);
    return;
  }
  const LengthOctets octets = long_length(length);
  out_[began - 1] = std::byte(0x80 | octets.count);
  out_.insert(out_.begin() + static_cast<std::ptrdiff_t>(began), octets.octets.begin(),
              octets.octets.begin() + static_cast<std::ptrdiff_t>(octets.count));
}

void BerWriter::write(std::uint8_t identifier, base::Bytes content) {
  const std::size_t element = begin(identifier);
  append(content);
  end(element);
}

void BerWriter::write_signed(std::uint8_t identifier, std::int64_t number) {
  std::size_t size = sizeof number;
  while (size > 1 && (number >> (8 * size - 9) == 0 || number >> (8 * size - 9) == -1)) --size;
  write_fixed(identifier, static_cast<std::uint64_t>(number), size);
}

void BerWriter::write_unsigned(std::uint8_t identifier, std::uint64_t number) {
  std::size_t size = 1;
  while (size < sizeof number && (number >> (8 * size)) != 0) ++size;
  if (((number >> (8 * size - 1)) & 1) == 0) {
    write_fixed(identifier, number, size);
    return;
  }
  const std::size_t element = begin(identifier);
  append_octet(0);
  for (; size > 0; --size) append_octet(static_cast<std::uint8_t>(number >> (8 * (size - 1))));
  end(element);
}

void BerWriter::write_fixed(std::uint8_t identifier, std::uint64_t bits, std::size_t size_bytes) {
  const std::size_t element = begin(identifier);
  for (std::size_t left = size_bytes; left > 0; --left) {
    append_octet(static_cast<std::uint8_t>(bits >> (8 * (left - 1))));
  }
  end(element);
}

void BerWriter::write_oid(OidView oid) {
  constexpr std::byte kZeroDotZero{0};
  write(tag::kObjectIdentifier, oid.empty() ? base::Bytes(&kZeroDotZero, 1) : oid.content());
}

}  // namespace trapline::protocol
