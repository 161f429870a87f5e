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

/// The fields of the line that begins at a byte of a text, quotes as in RFC 4180 taken off. at: receives
/// where the next line begins, or the text's size. A quote that is not closed ends with the text.
[[nodiscard]] std::vector<std::string> read_csv_line(std::string_view text, std::size_t& at);

}  // namespace graft
