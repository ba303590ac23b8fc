#include "rules/value.h"

#include <array>
#include <charconv>

#include "rules/time_text.h"

namespace trapline::rules {
namespace {

template <class Number>
void append_number(std::string& out, Number number) {
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

// A list cannot hold a list that was not written there: its items have text or have none.
bool append_list(std::span<const Value> items, std::string& out) {
  const std::size_t before = out.size();
  for (const Value& item : items) {
    if (out.size() != before) out += ',';
    if (item.kind() != Value::Kind::list && item.append_to(out)) continue;
    out.resize(before);
    return false;
  }
  return true;
}

}  // namespace

bool Value::append_to(std::string& out) const {
  switch (kind_) {
    case Kind::null: return true;
    case Kind::boolean: out += number_ != 0 ? "true" : "false"; return true;
    case Kind::integer: append_number(out, number_); return true;
    case Kind::uint: append_number(out, as_uint()); return true;
    case Kind::floating: append_number(out, as_double()); return true;
    case Kind::string:
    case Kind::enumerated: out += text(); return true;
    case Kind::oid: as_oid().append_to(out); return true;
    case Kind::time: append_rfc3339(as_time(), out); return true;
    case Kind::list: return append_list(items(), out);
    case Kind::address: {
      std::array<char, 46> room;
      out += as_address().format(room);
      return true;
    }
    case Kind::error:
    case Kind::prefix:
    case Kind::map:
    case Kind::varbinds:
    case Kind::varbind:
    case Kind::row: return false;
  }
  return false;
}

}  // namespace trapline::rules
