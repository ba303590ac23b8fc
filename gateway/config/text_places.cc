#include "gateway/config/text_places.h"

#include <algorithm>

namespace trapline::gateway {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Walks along the file and the text that YAML made of it, side by side.
class Alignment {
 public:
  Alignment(std::string_view source, std::size_t at, ConfigNode& node)
      : source_(source), at_(at), node_(node), here_(node.place) {}

  void run() {
    const char first = at_ < source_.size() ? source_[at_] : '\0';
    if (first == '\'' || first == '"') {
      quote_ = first;
      step();
    } else if (first == '|' || first == '>') {
      while (at_ < source_.size() && source_[at_] != '\n') step();
      skip_blanks();
    }
    node_.text_place = here_;
    if (offset_ > 0) begin_piece();
    while (offset_ < node_.text.size() && at_ < source_.size() && follow()) {}
  }

 private:
  // One character of the source, moving `here_`.
  void step() {
    const char c = source_[at_++];
    if (c == '\n') {
      here_ = {here_.file, here_.line + 1, 1};
    } else if (at_ == source_.size() ||
               (static_cast<unsigned char>(source_[at_]) & 0xc0U) != 0x80U) {
      ++here_.column;
    }
  }

  // A line break and what surrounds it: blanks on both sides, of whatever number.
  void skip_blanks() {
    while (at_ < source_.size() && is_blank(source_[at_])) step();
    while (offset_ < node_.text.size() && is_blank(node_.text[offset_])) ++offset_;
  }

  void begin_piece() {
    if (node_.pieces.empty() && offset_ > 0) {
      node_.pieces.push_back({0, node_.text_place.line, node_.text_place.column});
    }
    node_.pieces.push_back({offset_, here_.line, here_.column});
  }

  [[nodiscard]] bool at_line_break() const {
    const std::size_t end = source_.find_first_not_of(" \t\r", at_);
    return end < source_.size() && source_[end] == '\n';
  }

  // An escape of double quotes makes one character of the text of two or more of the source.
  void skip_escape() {
    step();
    const char kind = at_ < source_.size() ? source_[at_] : '\0';
    const std::size_t digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
    for (std::size_t i = 0; i <= digits && at_ < source_.size(); ++i) step();
    do {
      ++offset_;
    } while (offset_ < node_.text.size() &&
             (static_cast<unsigned char>(node_.text[offset_]) & 0xc0U) == 0x80U);
  }

  // One step of both; false when they do not fit together any more.
  bool follow() {
    if (is_blank(source_[at_]) && at_line_break()) {
      skip_blanks();
      begin_piece();
      return true;
    }
    if (quote_ == '"' && source_[at_] == '\\') {
      if (at_ + 1 < source_.size() && source_[at_ + 1] == '\n') {
        step();
        skip_blanks();
      } else {
        skip_escape();
      }
      begin_piece();
      return true;
    }
    if (source_[at_] != node_.text[offset_]) return false;
    const bool doubled = quote_ == '\'' && source_[at_] == '\'';
    if (doubled) step();
    step();
    ++offset_;
    if (doubled) begin_piece();
    return true;
  }

  const std::string_view source_;
  std::size_t at_;
  ConfigNode& node_;
  ConfigPlace here_;
  char quote_ = '\0';
  std::size_t offset_ = 0;
};

}  // namespace

void place_text(std::string_view file_text, std::size_t at, ConfigNode& node) {
  Alignment(file_text, at, node).run();
}

}  // namespace trapline::gateway
