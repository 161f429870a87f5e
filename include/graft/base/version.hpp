// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace graft {

/// graft's version, as in the file VERSION: "0.1.0".
[[nodiscard]] std::string_view version();

}  // namespace graft
