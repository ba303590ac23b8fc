// Append-only JSON: writes into a caller's buffer, never reads back, never allocates per value once
// the buffer has grown. For the per-trap path; nlohmann/json serves everywhere else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace trapline::base {

// Appends one JSON text to `out`. The caller keeps begin/end pairs balanced and gives every member
// of an object a key; commas are put in by the writer. Not synchronised. Integers beyond 2^53 are
// written as strings. Text is written as valid UTF-8: invalid octets become U+FFFD; C0/C1 controls,
// DEL, U+2028/9 and bidirectional controls are escaped as \uXXXX.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  // Open and close a container; the two of a pair are the caller's to match.
  void begin_object();
  void end_object();
  void begin_array();
  void end_array();
  // The next value's name. `name` is a literal of ours: it is not escaped.
  void key(std::string_view name);
  // The next value's name, escaped: for names that come from elsewhere.
  void escaped_key(std::string_view name);

  // One value: a member's after its key, or an array's next.
  void value(std::string_view text);
  void value(const char* text) { value(std::string_view(text)); }
  void value(std::int64_t number);
  void value(std::uint64_t number);
  void value(std::int32_t number) { value(static_cast<std::int64_t>(number)); }
  void value(std::uint32_t number) { value(static_cast<std::uint64_t>(number)); }
  // NaN and infinities, which JSON cannot say, become null.
  void value(double number);
  void value(bool truth);
  void null();
  // Text known to need no escaping (digits, dots, names of ours): quoted as it is.
  void plain(std::string_view text);

 private:
  void separate();

  std::string& out_;
  bool need_comma_ = false;
};

// Appends `text` to `out` escaped as JsonWriter does, without the quotes.
void append_json_escaped(std::string& out, std::string_view text);

// How many leading octets of `text` stand in JSON as they are; what follows begins with an octet or
// character that needs an escape.
[[nodiscard]] std::size_t json_clean_prefix(std::string_view text);

}  // namespace trapline::base
