// SPDX-License-Identifier: Apache-2.0
// The files of a run, listed once.
#pragma once

#include <filesystem>
#include <optional>

#include "graft/photos.hpp"
#include "graft/train.hpp"

namespace graft::inline transfer {

/// The folders of the parts, from the options and from the layout of the photos' folder. Empty: a part of
/// train.
struct Folders {
  std::filesystem::path train, validation, test;
};
[[nodiscard]] Folders find_folders(const std::filesystem::path& photos, const TrainOptions& options);

/// The files of each folder; validation and test only where they have their own.
struct PhotoLists {
  Folders folders;
  data::PhotoList train;
  std::optional<data::PhotoList> validation, test;
};
/// Errors: as data::list_photos; Error{invalid_argument} for fewer than two classes.
[[nodiscard]] PhotoLists list_parts(const std::filesystem::path& photos, const TrainOptions& options);

}  // namespace graft::inline transfer
