// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace graft::formats {

/// Names of the files in a zip archive. Errors: Error{not_found}, Error{bad_file}, Error{resource_limit}.
[[nodiscard]] std::vector<std::string> zip_entry_names(const std::filesystem::path& path);

/// The bytes of one of them, checked against its size and checksum. Further Error{not_found} without it.
[[nodiscard]] std::string read_zip_entry(const std::filesystem::path& path, const std::string& name);

}  // namespace graft::formats
