#include "rules/csv_reader.h"

#include <algorithm>

namespace trapline::rules {

bool CsvReader::take_line_end() {
  const std::string_view rest = text_.substr(at_);
  if (rest.starts_with("\r\n")) {
    at_ += 2;
  } else if (rest.starts_with('\n')) {
    at_ += 1;
  } else {
    return false;
  }
  ++newlines_;
  return true;
}

CsvReader::Step CsvReader::next(std::string& out) {
  line_ += newlines_;
  newlines_ = 0;
  if (!in_row_) {
    while (take_line_end()) {}
    line_ += newlines_;
    newlines_ = 0;
    if (at_ == text_.size()) return Step::end;
    in_row_ = true;
    cell_due_ = true;
  }
  if (!cell_due_) {
    in_row_ = false;
    take_line_end();
    return Step::end_of_row;
  }
  cell_due_ = false;
  if (at_ < text_.size() && text_[at_] == '"') {
    if (quoted(out) == Step::error) return Step::error;
  } else {
    const std::size_t end = std::min(text_.find_first_of(",\r\n\"", at_), text_.size());
    out += text_.substr(at_, end - at_);
    at_ = end;
  }
  const std::string_view rest = text_.substr(at_);
  if (rest.starts_with(',')) {
    ++at_;
    cell_due_ = true;
  } else if (!rest.empty() && !rest.starts_with('\n') && !rest.starts_with("\r\n")) {
    error_ = rest.starts_with('"') ? "a quote stands inside a cell that does not begin with one"
                                   : "a cell goes on behind its closing quote";
    return Step::error;
  }
  return Step::cell;
}

CsvReader::Step CsvReader::quoted(std::string& out) {
  const std::uint32_t began = line_;
  ++at_;
  for (;;) {
    const std::size_t quote = text_.find('"', at_);
    const std::string_view piece =
        text_.substr(at_, quote == std::string_view::npos ? quote : quote - at_);
    for (const char octet : piece) line_ += octet == '\n' ? 1U : 0U;
    out += piece;
    if (quote == std::string_view::npos) {
      line_ = began;
      error_ = "this quoted cell does not end";
      return Step::error;
    }
    at_ = quote + 1;
    if (at_ == text_.size() || text_[at_] != '"') return Step::cell;
    out += '"';
    ++at_;
  }
}

}  // namespace trapline::rules
