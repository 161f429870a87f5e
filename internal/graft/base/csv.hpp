// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace graft {

/// A field of a line, quoted as in RFC 4180 where it needs that.
[[nodiscard]] std::string csv_field(const std::string& text);

/// Appends the shortest text that reads back as the same float.
void append_number(std::string& text, float value);

}  // namespace graft
