// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace graft {

/// Where graft keeps what it can make or fetch again: $XDG_CACHE_HOME/graft, else ~/.cache/graft, else graft
/// in the system's folder for temporary files. Not created by this call.
[[nodiscard]] std::filesystem::path cache_folder();

/// Where it keeps what it makes itself and can make again (features, pixels): $GRAFT_CACHE, else the above.
[[nodiscard]] std::filesystem::path made_files_folder();

}  // namespace graft
