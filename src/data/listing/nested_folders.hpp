// SPDX-License-Identifier: Apache-2.0
// Classes in folders within folders: animal/dog.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "graft/photos.hpp"

namespace graft::data {

/// The folders with photos of their own, by their paths below the root, sorted by name; and folders without a
/// sub-folder, whatever they hold, so that an empty one is seen. What is not entered is said in the list's
/// notes and left_out. Errors: as useful_folders().
[[nodiscard]] std::vector<std::string> nested_class_folders(const std::filesystem::path& root,
                                                            const ListOptions& options, PhotoList& list);

/// The names of class folders: those, or all sub-folders without options.nested.
[[nodiscard]] std::vector<std::string> class_folders(const std::filesystem::path& root,
                                                     const ListOptions& options, PhotoList& list);

}  // namespace graft::data
