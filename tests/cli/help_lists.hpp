// SPDX-License-Identifier: Apache-2.0
// What --help lists.
#pragma once

#include <set>
#include <string>
#include <vector>

namespace graft::test {

using Words = std::vector<std::string>;

/// The commands that a command's --help lists.
[[nodiscard]] Words commands_in(const std::string& help);
/// The options that a command's --help lists: "-o", "--output".
[[nodiscard]] std::set<std::string> options_in(const std::string& help);
/// Every command with its words, the program itself first.
[[nodiscard]] std::vector<Words> commands();
[[nodiscard]] std::string help_of(Words words);

}  // namespace graft::test
