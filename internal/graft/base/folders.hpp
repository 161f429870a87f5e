// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace graft {

/// The folder for files that graft can compute or fetch again: $XDG_CACHE_HOME/graft, else ~/.cache/graft,
/// else graft in the system's folder for temporary files. Not created by this call.
[[nodiscard]] std::filesystem::path cache_folder();

/// The folder for files that graft can compute again (features, pixels): $GRAFT_CACHE, else the above.
[[nodiscard]] std::filesystem::path made_files_folder();

}  // namespace graft
