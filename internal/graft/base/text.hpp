// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
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

/// Text from a file, for messages: at most 100 characters, control characters replaced by '?'.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace graft
