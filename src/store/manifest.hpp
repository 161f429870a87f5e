// SPDX-License-Identifier: Apache-2.0
// weights.json beside exported files: what each is, and its hash.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace graft {
inline namespace store {

inline constexpr const char* kManifestName = "weights.json";

struct ManifestEntry {
  std::string name, file, sha256;
  std::uint64_t bytes = 0;
  std::string licence, origin;
};
/// Error{bad_file} where it is none, or names a file outside its folder.
[[nodiscard]] std::vector<ManifestEntry> read_manifest(const std::filesystem::path& path);
/// Replaces it whole. Error{io}.
void write_manifest(const std::filesystem::path& path, const std::vector<ManifestEntry>& entries);

}  // namespace store
}  // namespace graft
