// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace graft::formats {

struct ZipContent {
  std::string name;
  /// One after another the entry's bytes. Kept alive by the caller.
  std::vector<std::string_view> pieces;
  /// The bytes of this file instead, when it has a name.
  std::filesystem::path file = {};
};

/// Throws Error{invalid_argument} unless this is a relative name that stays inside the archive's folder and
/// names a file.
void check_entry_name(const std::string& name);

/// Writes a zip of uncompressed entries in this order, atomically; equal content produces equal bytes.
/// Errors: Error{io}.
void write_zip(const std::filesystem::path& path, const std::vector<ZipContent>& entries);

}  // namespace graft::formats
