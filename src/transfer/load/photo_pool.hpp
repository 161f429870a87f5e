// SPDX-License-Identifier: Apache-2.0
// Photos before they are split: those of each folder, and which of them belong together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "graft/photos.hpp"

#include "transfer/context/reporter.hpp"
#include "transfer/list/photo_lists.hpp"

namespace graft {
inline namespace transfer {

struct PhotoPool {
  data::PhotoSet train;  ///< what is split where a part has no separate folder
  std::optional<data::PhotoSet> validation, test;
  std::vector<std::string> prints;  ///< photo_print() of each photo of train
  std::vector<std::size_t> usable;  ///< positions in train that are not dropped
  /// Group of each photo of train; photos of one group stay in one part. Empty: no groups.
  std::vector<std::size_t> groups;
  /// Photos that are the same or nearly, one number a photo of train, then validation, then test; empty when
  /// not looked for.
  std::vector<std::size_t> same;
  std::vector<std::string> notes;             ///< what was found, in words
  std::optional<DuplicatePhotos> duplicates;  ///< unset: not looked for
};

/// Reads the listed photos. Errors: as data::load_photos; as group_paths.
[[nodiscard]] PhotoPool load_pool(const PhotoLists& lists, const TrainOptions& options, Size2D image_size,
                                  Reporter& reporter);

/// What a run trains on that is measured on one fold.
struct RestOfFold {
  PhotoPool pool;                 ///< without separate test photos
  std::vector<std::size_t> rows;  ///< the usable ones that are not in the fold, ascending
};
/// fold: positions in pool.train, ascending.
[[nodiscard]] RestOfFold rest_of_fold(const PhotoPool& pool, const std::vector<std::size_t>& fold);

/// A number for each path, equal for paths of one group: see EvaluationOptions::group_by. paths: below
/// folder. Throws Error{invalid_argument} for a broken regular expression.
[[nodiscard]] std::vector<std::size_t> group_paths(const std::vector<std::filesystem::path>& paths,
                                                   const std::filesystem::path& folder,
                                                   const std::string& group_by);

}  // namespace transfer
}  // namespace graft
