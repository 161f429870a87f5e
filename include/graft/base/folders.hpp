// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace graft {

/// Where graft keeps what it can make or fetch again: $XDG_CACHE_HOME/graft, else ~/.cache/graft, else graft
/// in the system's folder for temporary files. Not created by this call.
[[nodiscard]] std::filesystem::path cache_folder();

}  // namespace graft
