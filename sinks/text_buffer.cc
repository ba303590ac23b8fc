#include "sinks/text_buffer.h"

#include <algorithm>

namespace trapline::sinks {

void TextBuffer::put_long(std::string_view text) {
  flush();
  out_ += text;
}

void TextBuffer::put_hex(base::Bytes octets) {
  constexpr std::size_t kOctetsAtOnce = kMostRoom / 2;
  while (!octets.empty()) {
    const base::Bytes some = octets.first(std::min(octets.size(), kOctetsAtOnce));
    Pen writing = pen(some.size() * 2);
    writing.put_hex(some);
    down(writing);
    octets = octets.subspan(some.size());
  }
}

}  // namespace trapline::sinks
