// SPDX-License-Identifier: Apache-2.0
// The bytes of photos, in files of their own or in archives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace graft::data {

/// All bytes of a photo: of a regular file, or for a path such as shards/0.tar/a/1.jpg of a member of an
/// archive. Nothing but regular files is read, so that a pipe or device cannot hang a run. Errors:
/// Error{not_found}, Error{io}, Error{bad_file} or Error{resource_limit}, without the path.
[[nodiscard]] std::vector<std::byte> read_bytes(const std::filesystem::path& path);

/// Their number, without reading them; nothing when there is no such photo.
[[nodiscard]] std::optional<std::uintmax_t> photo_size(const std::filesystem::path& path);

/// Whether a path leads into an archive.
[[nodiscard]] bool is_in_archive(const std::filesystem::path& path);

}  // namespace graft::data
