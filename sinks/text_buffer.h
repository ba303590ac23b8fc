// TextBuffer: gathers the many short pieces of a line before they go to a string.
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstring>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/json_writer.h"
#include "protocol/oid.h"
#include "sinks/pen.h"

namespace trapline::sinks {

// Appends to `out` by way of a buffer of its own: an append to a std::string is a call, one here a
// few instructions, and a line has some two hundred. What was put is in `out` after `flush`, after
// `out()`, and when this dies. Allocates only where `out` does. Not synchronised.
class TextBuffer {
 public:
  explicit TextBuffer(std::string& out) : out_(out) {
    buffer_[0] = '\0';  // the rest is deliberately not zeroed: one of these is made per event
  }
  TextBuffer(const TextBuffer&) = delete;
  TextBuffer& operator=(const TextBuffer&) = delete;
  ~TextBuffer() { flush(); }

  // The string behind, with everything put so far in it: for callees that append to strings.
  [[nodiscard]] std::string& out() {
    flush();
    return out_;
  }
  // Hands on what is gathered.
  void flush() {
    out_.append(buffer_.data(), size_);
    size_ = 0;
  }

  // A pen with room for `octets`, at most kMostRoom. What it wrote counts once it is put `down`;
  // nothing else may be put in between.
  [[nodiscard]] Pen pen(std::size_t octets) {
    make_room(octets);
    return Pen{buffer_.data() + size_};
  }
  // Takes the pen back.
  void down(Pen pen) { size_ = static_cast<std::size_t>(pen.at - buffer_.data()); }

  // A literal of ours.
  template <std::size_t N>
  [[gnu::always_inline]] void put(const char (&literal)[N]) {
    make_room(N);
    std::memcpy(buffer_.data() + size_, literal, N - 1);
    size_ += N - 1;
  }
  // Any text, as it is.
  void put(std::string_view text) {
    if (text.empty()) return;  // it may be of nothing at all
    if (text.size() > buffer_.size() - size_) [[unlikely]]
      return put_long(text);
    std::memcpy(buffer_.data() + size_, text.data(), text.size());
    size_ += text.size();
  }
  // One octet.
  void put(char octet) {
    make_room(1);
    buffer_[size_++] = octet;
  }
  // Text escaped for JSON (base/json_writer.h), without quotes around it.
  void put_escaped(std::string_view text) {
    const std::size_t clean = base::json_clean_prefix(text);
    put(text.substr(0, clean));
    if (clean != text.size()) [[unlikely]]
      base::append_json_escaped(out(), text.substr(clean));
  }
  // A number in decimal; a floating-point one as the shortest text that reads back the same.
  template <class Number>
  requires(std::integral<Number> || std::floating_point<Number>) void put_number(Number number) {
    make_room(kLongestNumber);
    char* const begin = buffer_.data() + size_;
    size_ +=
        static_cast<std::size_t>(std::to_chars(begin, begin + kLongestNumber, number).ptr - begin);
  }
  // A number below 100, in two digits.
  void put_two_digits(unsigned number) {
    Pen writing = pen(2);
    writing.put_two_digits(number);
    down(writing);
  }
  // Each octet as two hex digits, lower case.
  void put_hex(base::Bytes octets);
  // Dotted decimal; the empty OID gives "0.0".
  void put_oid(protocol::OidView oid) { down({write_oid(pen(oid_text_bound(oid)).at, oid)}); }
  // Dotted decimal of all but the first arc: ".3.6.1".
  void put_oid_tail(protocol::OidView oid) {
    down({write_oid_tail(pen(oid_text_bound(oid)).at, oid)});
  }
  // Dotted decimal of what stands behind a prefix, where the first sub-identifier is not split in
  // two: ".7", or nothing.
  void put_oid_suffix(protocol::OidView suffix) {
    down({write_oid_suffix(pen(oid_text_bound(suffix)).at, suffix)});
  }

  static constexpr std::size_t kMostRoom = 8'192;

 private:
  static constexpr std::size_t kLongestNumber = 32;

  void make_room(std::size_t octets) {
    if (octets > buffer_.size() - size_) [[unlikely]]
      flush();
  }
  void put_long(std::string_view text);

  std::string& out_;
  std::size_t size_ = 0;
  std::array<char, kMostRoom> buffer_;
};

}  // namespace trapline::sinks
