// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "cli/command.hpp"

namespace graft::cli {

/// Adds graft weights list.
void add_weights_list(CLI::App& weights, Run& run);

/// "58.9 MB" of 10^6 bytes.
[[nodiscard]] std::string size_text(std::uint64_t bytes);

}  // namespace graft::cli
