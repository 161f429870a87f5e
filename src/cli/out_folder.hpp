// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace graft::cli {

/// In the folder of a run that is not complete.
inline constexpr const char* kStateFile = "unfinished.state";

/// flowers/ -> flowers-graft in the current folder; flowers-graft-2, -3, ... when that is taken.
[[nodiscard]] std::filesystem::path default_out_folder(const std::filesystem::path& photos);
/// Makes sure, before hours of work, that files can be written there: in the folder, or where it will be
/// made. Throws Error{io} with the system's reason.
void check_writable(const std::filesystem::path& folder);
/// Throws Error{invalid_argument} when it is there and not an empty folder.
void check_out_folder(const std::filesystem::path& folder);

}  // namespace graft::cli
