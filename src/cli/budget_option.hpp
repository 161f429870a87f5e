// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "cli/command.hpp"

namespace graft::cli {

/// "90" and "90s", "2m", "1.5h" -> seconds. Throws Error{invalid_argument} for anything else, and for 0.
[[nodiscard]] double read_seconds(const std::string& text);

/// --budget TIME.
void add_budget_option(CLI::App& command, std::optional<double>& seconds, const std::string& help);

}  // namespace graft::cli
