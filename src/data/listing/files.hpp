// SPDX-License-Identifier: Apache-2.0
// Reading photo files: nothing but regular files, so that a pipe or device cannot hang a run.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "graft/data/photo_bytes.hpp"

namespace graft::data {

/// Larger files are refused: no photo is.
inline constexpr std::size_t kMaxFileBytes = std::size_t{1} << 31;

/// The first bytes of a file, `most` at most; nothing when it cannot be read.
[[nodiscard]] std::vector<std::byte> read_head(const std::filesystem::path& path, std::size_t most);

}  // namespace graft::data
