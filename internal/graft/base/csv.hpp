// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace graft {

/// A field of a line, quoted as in RFC 4180 where it needs that.
[[nodiscard]] std::string csv_field(const std::string& text);

/// Appends the shortest text that reads back as the same float.
void append_number(std::string& text, float value);

/// Reads a table row by row: fields with quotes as in RFC 4180, lines that end in LF, CRLF or CR.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text, char separator = ',') : text_(text), separator_(separator) {}
  /// The fields of the next row; false at the end of the text. A field that is not closed ends with the text.
  [[nodiscard]] bool next(std::vector<std::string>& fields);
  /// The number of the line, from 1, in which the last row began.
  [[nodiscard]] std::size_t line() const { return row_line_; }
  /// Whether the text ended within the quotes of the last row.
  [[nodiscard]] bool in_quotes() const { return in_quotes_; }
  /// The byte at which the next row begins.
  [[nodiscard]] std::size_t position() const { return at_; }

 private:
  /// One character; false where it ends the row.
  bool take(char c, std::string& field);

  std::string_view text_;
  char separator_;
  std::size_t at_ = 0, line_ = 1, row_line_ = 0;
  bool in_quotes_ = false, was_quoted_ = false, ends_field_ = false;
};

/// The fields of the line that begins at a byte of a text, quotes as in RFC 4180 taken off. at: receives
/// where the next line begins, or the text's size. A quote that is not closed ends with the text.
[[nodiscard]] std::vector<std::string> read_csv_line(std::string_view text, std::size_t& at);

}  // namespace graft
