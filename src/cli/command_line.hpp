// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace graft::cli {

/// Keeps the command line, for reports. Called once, by main().
void set_command_line(int argc, const char* const* argv);
/// "graft train flowers/ --seed 7", as it can be typed into a shell.
[[nodiscard]] const std::string& command_line();

}  // namespace graft::cli
