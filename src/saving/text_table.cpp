// SPDX-License-Identifier: Apache-2.0
#include "saving/text_table.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace graft::saving {
namespace {

constexpr std::string_view kTitleEdge = "┃";

bool begins_code_point(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

/// Where the code point number count begins, in bytes.
std::size_t byte_of(const std::string& text, std::size_t count) {
  std::size_t byte = 0;
  for (; byte < text.size(); ++byte) {
    if (begins_code_point(text[byte]) && count-- == 0) break;
  }
  return byte;
}

std::string without_trailing_spaces(std::string text) {
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

std::string aligned(const std::string& text, int width, Align align) {
  const std::size_t used = text_width(text);
  const auto room = static_cast<std::size_t>(width);
  const std::size_t spare = used < room ? room - used : 0;
  const std::size_t before = align == Align::left ? 0 : align == Align::right ? spare : spare / 2;
  return std::string(before, ' ') + text + std::string(spare - before, ' ');
}

/// Words with the spaces around them: "a (b)" -> "a ", "(b)". Spaces at the start belong to the first.
std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::size_t begin = 0;
  while (begin < text.size()) {
    std::size_t end = text.find_first_not_of(' ', begin);
    end = text.find(' ', end == std::string::npos ? text.size() : end);
    end = end == std::string::npos ? text.size() : text.find_first_not_of(' ', end);
    if (end == std::string::npos) end = text.size();
    words.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return words;
}

}  // namespace

std::size_t text_width(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, begins_code_point));
}

std::string cut_text(const std::string& text, std::size_t count) {
  return text.substr(0, byte_of(text, count));
}

std::vector<std::string> wrap_text(const std::string& text, int width) {
  const auto room = static_cast<std::size_t>(std::max(width, 1));
  std::vector<std::string> lines(1);
  for (const std::string& word : words_of(text)) {
    const std::size_t length = text_width(without_trailing_spaces(word));
    if (!lines.back().empty() && text_width(lines.back()) + length > room) lines.emplace_back();
    lines.back() += word;
  }
  for (std::string& line : lines) {
    line = without_trailing_spaces(line);
    if (text_width(line) > room) line = cut_text(line, room - 1) + "…";
  }
  return lines;
}

TextTable::TextTable(std::vector<TableColumn> columns, int line_length) : columns_(std::move(columns)) {
  const int count = static_cast<int>(columns_.size());
  int total = count + 1;  // the borders, and a space on either side of every column
  for (const TableColumn& column : columns_) total += column.width + 2;
  int excess = std::max(0, total - line_length);
  for (int i = 0; i < count; ++i) {
    // Each gets its share of the rest, rounded half to even.
    const int share = static_cast<int>(std::nearbyint(static_cast<double>(excess) / (count - i)));
    int& width = columns_[static_cast<std::size_t>(i)].width;
    const int taken = std::min(share, width + 1);
    width -= taken;
    excess -= taken;
  }
}

std::string TextTable::border(const Border& style) const {
  std::string line = style.left;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (i > 0) line += style.middle;
    for (int n = 0; n < columns_[i].width + 2; ++n) line += style.fill;
  }
  return line + style.right;
}

void TextTable::add_cells(std::vector<std::string>& lines, const std::vector<std::string>& cells,
                          std::string_view edge) const {
  std::vector<std::vector<std::string>> wrapped;
  std::size_t height = 1;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    wrapped.push_back(wrap_text(i < cells.size() ? cells[i] : "", columns_[i].width));
    height = std::max(height, wrapped.back().size());
  }
  for (std::size_t row = 0; row < height; ++row) {
    std::string line(edge);
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      // Titles are aligned to the bottom of their cells, all else to the top.
      const std::size_t above = edge == kTitleEdge ? height - wrapped[i].size() : 0;
      const bool within = row >= above && row - above < wrapped[i].size();
      const std::string text = within ? wrapped[i][row - above] : "";
      line.append(" ").append(aligned(text, columns_[i].width, columns_[i].align)).append(" ").append(edge);
    }
    lines.push_back(std::move(line));
  }
}

std::vector<std::string> TextTable::lines() const {
  std::vector<std::string> lines{border({"┏", "━", "┳", "┓"})};
  std::vector<std::string> titles;
  for (const TableColumn& column : columns_) titles.push_back(column.title);
  add_cells(lines, titles, kTitleEdge);
  lines.push_back(border({"┡", "━", "╇", "┩"}));
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (i > 0) lines.push_back(border({"├", "─", "┼", "┤"}));
    add_cells(lines, rows_[i], "│");
  }
  lines.push_back(border({"└", "─", "┴", "┘"}));
  return lines;
}

}  // namespace graft::saving
