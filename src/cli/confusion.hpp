// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace graft::cli {

/// Photos by [true class][predicted class].
using Confusion = std::vector<std::vector<std::int64_t>>;

/// "roses for tulips, 6 times": what the model says, for what it is. Empty when nothing is confused.
[[nodiscard]] std::string most_confused(const Confusion& confusion, const std::vector<std::string>& names);

}  // namespace graft::cli
