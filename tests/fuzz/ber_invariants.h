// What must hold of BerReader and BerWriter for any input: checked by the fuzzer and, on its seeds,
// by the tests.
#pragma once

#include <cstdint>
#include <vector>

#include "protocol/ber_reader.h"
#include "protocol/ber_writer.h"
#include "protocol/value_codec.h"
#include "tests/fuzz/decode_invariants.h"

namespace trapline::fuzz {

// An element that is written again reads the same.
inline void check_written(const protocol::Element& element) {
  if ((element.tag & protocol::tag::kHighTagMark) == protocol::tag::kHighTagMark) return;
  std::vector<std::byte> out;
  protocol::BerWriter(out).write(element.tag, element.content);
  std::vector<std::byte> room;
  protocol::BerContext context(out, room);
  protocol::BerReader reader(out, context);
  protocol::Element again;
  require(reader.read_any(again) && reader.at_end(), "what is written can be read");
  require(again.tag == element.tag && base::equal(again.content, element.content),
          "what is written reads the same");
  require(context.flags.empty(), "what is written needs no tolerance");
}

// A number survives being written, signed and unsigned.
inline void check_numbers(std::int64_t number) {
  std::vector<std::byte> out;
  protocol::BerWriter(out).write_signed(protocol::tag::kInteger, number);
  std::vector<std::byte> room;
  protocol::BerContext context(out, room);
  protocol::BerReader reader(out, context);
  std::int64_t again = 0;
  require(reader.read_integer(again) && again == number, "an INTEGER survives");
  out.clear();
  protocol::BerWriter(out).write_unsigned(protocol::tag::kCounter64,
                                          static_cast<std::uint64_t>(number));
  Value value;
  require(protocol::accept_value(protocol::tag::kCounter64, Bytes(out).subspan(2), context, value),
          "a Counter64 survives");
  require(value.number == static_cast<std::uint64_t>(number) && context.flags.empty(),
          "a Counter64 keeps its number");
}

// One read of the kind `choice` says; true when it succeeded.
inline bool read_one(std::uint8_t choice, protocol::BerReader& reader, Bytes input) {
  Bytes content;
  protocol::Element element;
  std::int64_t number = 0;
  std::int32_t small = 0;
  OidView oid;
  switch (choice % 5) {
    case 0:
      if (!reader.read_any(element)) return false;
      require(lies_in(element.content, input), "an element lies in the input");
      check_written(element);
      return true;
    case 1:
      if (!reader.read(protocol::tag::kSequence, content)) return false;
      require(lies_in(content, input), "a content lies in the input");
      return true;
    case 2:
      if (!reader.read_integer(number)) return false;
      check_numbers(number);
      return true;
    case 3: return reader.read_int32(small);
    default:
      if (!reader.read_oid(oid)) return false;
      check_oid(oid);
      return true;
  }
}

// The first octet as an identifier, the rest as content: the value views its input or the room.
inline void check_value(Bytes input) {
  if (input.empty()) return;
  std::vector<std::byte> room;
  room.reserve(input.size());
  protocol::BerContext context(input, room);
  Value value;
  const auto identifier = std::to_integer<std::uint8_t>(input[0]);
  if (!protocol::accept_value(identifier, input.subspan(1), context, value)) {
    require(context.error.offset <= input.size(), "an offset lies in the input");
    return;
  }
  check_varbind({OidView(), value}, {input, Bytes(room)});
}

// The first octet says how many of the next ones choose reads; the rest is what they read.
inline void check_ber(Bytes input) {
  check_value(input);
  if (input.empty()) return;
  const std::size_t choices =
      std::min<std::size_t>(std::to_integer<std::size_t>(input[0]) % 16, input.size() - 1);
  const Bytes program = input.subspan(1, choices);
  const Bytes text = input.subspan(1 + choices);
  std::vector<std::byte> room;
  room.reserve(text.size());
  protocol::BerContext context(text, room);
  protocol::BerReader reader(text, context, protocol::BerReader::Scope::whole_input);
  for (const std::byte choice : program) {
    const std::byte* const before = reader.position();
    if (read_one(std::to_integer<std::uint8_t>(choice), reader, text)) {
      require(reader.position() > before, "a read moves on");
    } else {
      require(reader.position() == before, "a failed read leaves the cursor");
      require(context.error.offset <= text.size(), "an offset lies in the input");
    }
    require(lies_in(reader.rest(), text), "the cursor stays in the input");
  }
}

}  // namespace trapline::fuzz
