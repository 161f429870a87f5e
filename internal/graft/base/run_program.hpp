// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace graft {

/// Runs a program without a shell and waits for its end; its output goes to the file `log`. Returns its exit
/// code. Throws Error{not_found} naming a program that does not exist, Error{io} where it was killed.
int run_program(const std::vector<std::string>& words, const std::filesystem::path& log);

}  // namespace graft
