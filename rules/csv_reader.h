// CSV (RFC 4180), one cell at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace trapline::rules {

// Reads `text` from front to back. One thread; views `text`.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : text_(text) {
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
  }

  enum class Step : std::uint8_t { cell, end_of_row, end, error };
  // Reads on. After `cell`, its content has been appended to `out`; every row ends in `end_of_row`.
  // Lines without a character are skipped.
  [[nodiscard]] Step next(std::string& out);
  // The line, from 1, that was last read from; of an error, where it stands.
  [[nodiscard]] std::uint32_t line() const { return line_; }
  // What the error is.
  [[nodiscard]] std::string_view error() const { return error_; }

 private:
  [[nodiscard]] Step quoted(std::string& out);
  bool take_line_end();

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
  std::uint32_t newlines_ = 0;  // taken with the row that ended last
  bool in_row_ = false;
  bool cell_due_ = true;  // a comma, or nothing, stands before
  std::string_view error_;
};

}  // namespace trapline::rules
