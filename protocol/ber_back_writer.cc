#include "protocol/ber_back_writer.h"

#include <algorithm>
#include <array>

#include "protocol/ber_reader.h"

namespace trapline::protocol {

base::MutableBytes BerBackWriter::reserve(std::size_t size) {
  if (!ok_ || size > left_) {
    ok_ = false;
    return {};
  }
  left_ -= size;
  return room_.subspan(left_, size);
}

void BerBackWriter::put(base::Bytes octets) {
  const base::MutableBytes place = reserve(octets.size());
  if (ok_) std::copy(octets.begin(), octets.end(), place.begin());
}

void BerBackWriter::put(std::uint8_t identifier, base::Bytes content) {
  const std::size_t before = size();
  put(content);
  close(identifier, before);
}

void BerBackWriter::put_signed(std::uint8_t identifier, std::int64_t number) {
  const std::size_t before = size();
  std::int64_t rest = number;
  std::byte last{};
  do {
    last = std::byte(rest & 0xff);
    put({&last, 1});
    rest >>= 8;
    // Done when the sign of the octet in front is the sign of all that is left.
  } while (rest != ((std::to_integer<int>(last) & 0x80) != 0 ? -1 : 0));
  close(identifier, before);
}

void BerBackWriter::close(std::uint8_t identifier, std::size_t since) {
  std::array<std::byte, 1 + sizeof(std::uint32_t) + 1> octets{};
  std::size_t at = octets.size();
  const std::size_t length = size() - since;
  for (std::size_t rest = length; rest != 0 || at == octets.size(); rest >>= 8) {
    octets[--at] = std::byte(rest & 0xff);
  }
  if (length >= 0x80) {
    const std::size_t count = octets.size() - at;
    octets[--at] = std::byte(0x80 | count);
  }
  octets[--at] = std::byte{identifier};
  put(base::Bytes(octets).subspan(at));
}

}  // namespace trapline::protocol
