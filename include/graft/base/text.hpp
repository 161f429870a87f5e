// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace graft {

/// 1234567 -> "1,234,567".
[[nodiscard]] std::string with_commas(std::int64_t number);
/// 0.993 -> "99.3 %".
[[nodiscard]] std::string percent(double fraction);

}  // namespace graft
