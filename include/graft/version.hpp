// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#pragma GCC visibility push(default)

namespace graft {

/// graft's version, as in the file VERSION: "0.1.0".
[[nodiscard]] std::string_view version();

}  // namespace graft

#pragma GCC visibility pop
