// SPDX-License-Identifier: Apache-2.0
// Photos by a list of labels, or by labels in the names of files.
#pragma once

#include <filesystem>
#include <vector>

#include "graft/photos.hpp"

namespace graft::data {

/// The photos of archives, labelled by what is in them. Errors: see list_photos().
void label_archive_photos(const std::vector<std::filesystem::path>& archives, const ListOptions& options,
                          PhotoList& list);

/// list_photos() with options.labels. `list` holds all files below the folder where the labels are in their
/// names, else nothing.
void label_photos(const std::filesystem::path& directory, const ListOptions& options, PhotoList& list);

/// Photos in class folders become photos with several labels: equal files are one photo with the labels of
/// all their folders, in the order of paths.
void merge_copies(PhotoList& list);

}  // namespace graft::data
