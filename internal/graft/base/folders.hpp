// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace graft {

/// The folder in which programs have their caches: $XDG_CACHE_HOME, else ~/.cache. Empty where neither is
/// known.
[[nodiscard]] std::filesystem::path caches_folder();

/// The folder for files that graft can compute or fetch again: $XDG_CACHE_HOME/graft, else ~/.cache/graft,
/// else graft in the system's folder for temporary files. Not created by this call.
[[nodiscard]] std::filesystem::path cache_folder();

/// The folder for files that graft can compute again (features, pixels): $GRAFT_CACHE, else the above.
[[nodiscard]] std::filesystem::path made_files_folder();

/// The folder for files of the user's that graft keeps: $XDG_DATA_HOME/graft, else ~/.local/share/graft, else
/// cache_folder(). Not created by this call.
[[nodiscard]] std::filesystem::path data_folder();

/// A variable of the environment; empty where it is not set.
[[nodiscard]] std::string environment(const char* name);
/// Whether a variable is set to something other than "" and "0".
[[nodiscard]] bool environment_says_yes(const char* name);
/// The paths in a variable, separated by ':'.
[[nodiscard]] std::vector<std::filesystem::path> paths_from_environment(const char* name);

}  // namespace graft
