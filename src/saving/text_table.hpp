// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace graft {
inline namespace saving {

enum class Align { left, right, center };

struct TableColumn {
  std::string title;
  Align align = Align::left;
  int width = 0;  ///< wished, without the space on either side
};

/// A table in box-drawing characters with a heavy head and a line below every row, laid out as the Python
/// package rich does for Keras: columns are narrowed evenly until the table takes line_length columns, and
/// text that is too long is wrapped between words; a word longer than a line is cut and ends in an ellipsis.
/// Text counts one column a code point.
class TextTable {
 public:
  TextTable(std::vector<TableColumn> columns, int line_length);
  void add_row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  /// Lines without their ends.
  [[nodiscard]] std::vector<std::string> lines() const;

 private:
  struct Border {
    const char *left, *fill, *middle, *right;
  };
  [[nodiscard]] std::string border(const Border& style) const;
  void add_cells(std::vector<std::string>& lines, const std::vector<std::string>& cells,
                 std::string_view edge) const;

  std::vector<TableColumn> columns_;  // width: the final one, without the spaces
  std::vector<std::vector<std::string>> rows_;
};

/// The lines of a text in a column of this width.
[[nodiscard]] std::vector<std::string> wrap_text(const std::string& text, int width);
/// The first count code points.
[[nodiscard]] std::string cut_text(const std::string& text, std::size_t count);
/// Code points of a UTF-8 text.
[[nodiscard]] std::size_t text_width(const std::string& text);

}  // namespace saving
}  // namespace graft
