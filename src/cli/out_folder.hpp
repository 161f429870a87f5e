// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "graft/transfer/result_folder.hpp"

namespace graft::cli {

/// flowers/ -> flowers-graft in the current folder; flowers-graft-2, -3, ... when that exists and is not
/// empty. ending: "-graft", or "-evaluation".
[[nodiscard]] std::filesystem::path default_out_folder(const std::filesystem::path& photos,
                                                       const std::string& ending = "-graft");
/// Checks that files can be written to the folder, or to the folder where it will be made. Throws Error{io}
/// with the system's reason.
void check_writable(const std::filesystem::path& folder);
/// Checks, before the work for it is done, that a file can be written: its folder exists and accepts files,
/// it is no folder itself, its name is not too long. Throws Error{io} with the system's reason.
void check_output_file(const std::filesystem::path& file);
/// Throws Error{invalid_argument} when it exists and is not an empty folder.
void check_out_folder(const std::filesystem::path& folder);
/// Whether the folder holds the result of a run that ended by itself: there is nothing to resume.
[[nodiscard]] bool is_finished_run(const std::filesystem::path& folder);

}  // namespace graft::cli
