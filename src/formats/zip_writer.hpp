// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace graft::formats {

struct ZipContent {
  std::string name;
  /// Kept alive by the caller.
  std::string_view bytes;
};

/// Writes a zip of uncompressed entries in this order, atomically; equal content gives equal bytes.
/// Errors: Error{io}.
void write_zip(const std::filesystem::path& path, const std::vector<ZipContent>& entries);

}  // namespace graft::formats
