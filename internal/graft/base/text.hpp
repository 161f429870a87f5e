// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace graft {

/// 1234567 -> "1,234,567".
[[nodiscard]] std::string with_commas(std::int64_t number);
/// 0.993 -> "99.3 %".
[[nodiscard]] std::string percent(double fraction);
/// "a,b,,c" at ',' -> "a", "b", "", "c".
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);

/// "a, b, c": what text_of returns for each element of a list, a text or a member's name. At most `most` of
/// them, then ", ...".
template <typename List, typename TextOf = std::identity>
[[nodiscard]] std::string comma_list(const List& list, TextOf text_of = {}, std::size_t most = SIZE_MAX) {
  std::string text;
  std::size_t count = 0;
  for (const auto& one : list) {
    if (count > 0) text += ", ";
    if (count++ == most) return text + "...";
    text += std::invoke(text_of, one);
  }
  return text;
}

/// How many classes a message names.
inline constexpr std::size_t kMostClassesNamed = 20;

/// Text from a file, for messages: at most 100 characters, control characters replaced by '?'.
[[nodiscard]] std::string printable(std::string_view text);

/// A file's name or another foreign text so that it stays on its line and cannot command a terminal: control
/// characters and marks of text direction become \n, \x1b or \u202e, bytes that are not UTF-8 \xe9. Text
/// without those comes back as it is.
[[nodiscard]] std::string shown(std::string_view text);
/// The same for a whole output: line breaks and tabs stay.
[[nodiscard]] std::string shown_lines(std::string_view text);
/// One character of UTF-8.
struct CodePoint {
  char32_t code = 0;
  std::size_t bytes = 0;  ///< 0: the text is not UTF-8 there
};
/// The character that begins at a byte of a text.
[[nodiscard]] CodePoint code_point_at(std::string_view text, std::size_t at);
/// Whether a text is valid UTF-8.
[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace graft
