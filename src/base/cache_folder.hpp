// SPDX-License-Identifier: Apache-2.0
// The folder of all sections: <cache>/blocks/<section>/<pack>.pack
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "graft/disk_cache.hpp"

namespace graft::cache_detail {

[[nodiscard]] std::filesystem::path blocks_folder(const DiskCacheOptions& options);
/// The finished packs of a section's folder, by name.
[[nodiscard]] std::vector<std::filesystem::path> packs_in(const std::filesystem::path& folder);
/// No error when it is gone already.
void remove_file(const std::filesystem::path& path);
/// Removes the packs used longest ago until all take at most limit bytes, and unfinished ones that a killed
/// process left.
void keep_below(const std::filesystem::path& root, std::uint64_t limit);

}  // namespace graft::cache_detail
