// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace graft::data {

/// ASCII letters made small.
[[nodiscard]] std::string to_lower(std::string text);

/// Names of the sub-folders (or links to folders) that do not begin with a dot, sorted.
/// Error{not_found}, Error{io} naming the folder.
[[nodiscard]] std::vector<std::string> visible_folders(const std::filesystem::path& directory);

}  // namespace graft::data
