// SPDX-License-Identifier: Apache-2.0
// Photos in archives, and what stands beside them.
#pragma once

#include <filesystem>
#include <vector>

#include "graft/photos.hpp"

#include "data/listing/label_rows.hpp"

namespace graft::data {

/// The archives that a path names: the file itself, or of a folder without sub-folders that may be classes
/// all that are in it, sorted. Empty: none.
[[nodiscard]] std::vector<std::filesystem::path> archives_at(const std::filesystem::path& path);

/// Adds a photo to the list, or hands it to options.on_photo.
void add_photo(const std::filesystem::path& photo, const ListOptions& options, PhotoList& list);

/// Adds the photos of an archive without labels, in the archive's order; other members are left out.
void list_archive(const std::filesystem::path& archive, const ListOptions& options, PhotoList& list);

/// The photos of archives with their labels: of the .cls, .txt or .json beside a photo (WebDataset), else of
/// its folder. The part of a split is that of the archive's name (train-0001.tar) or first folder. Errors:
/// Error{bad_file} for a label that cannot be read; as Archive::open.
[[nodiscard]] ListedRows label_archives(const std::vector<std::filesystem::path>& archives,
                                        const ListOptions& options, PhotoList& list);

}  // namespace graft::data
