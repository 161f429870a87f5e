// SPDX-License-Identifier: Apache-2.0
// Photos before they are split: those of the folders that are given, and what belongs together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/data/photo_set.hpp"

#include "transfer/run/session.hpp"

namespace graft::transfer {

struct PhotoPool {
  data::PhotoSet train;  ///< what is split where there is no folder of its own for a part
  std::optional<data::PhotoSet> validation, test;
  std::vector<std::size_t> usable;  ///< positions in train that are not dropped
  /// What is to stay in one part, one number a photo of train; empty: each photo stands alone.
  std::vector<std::size_t> groups;
  /// Photos that are the same or nearly, one number a photo of train, then validation, then test; empty when
  /// not looked for.
  std::vector<std::size_t> same;
  std::vector<std::string> notes;  ///< what was found, in words
  Json duplicates;                 ///< the same for result.json; null when not looked for
};

/// Reads the photos of all folders. Errors: as load_parts.
[[nodiscard]] PhotoPool load_pool(const std::filesystem::path& folder, const TrainOptions& options,
                                  Size2D image_size, Reporter& reporter);

/// A number for each path, equal for paths of one group: see EvaluationOptions::group_by. paths lie below
/// folder. Throws Error{invalid_argument} for a broken regular expression.
[[nodiscard]] std::vector<std::size_t> group_paths(const std::vector<std::filesystem::path>& paths,
                                                   const std::filesystem::path& folder,
                                                   const std::string& group_by);

/// Divides a pool in graft's way or as Keras does (see load_parts).
[[nodiscard]] Photos split_pool(const PhotoPool& pool, const TrainOptions& options, bool keras_split);

/// The training photos of a pool in k folds: those that are held back of each.
[[nodiscard]] std::vector<std::vector<std::size_t>> fold_pool(const PhotoPool& pool,
                                                              const TrainOptions& options);
/// The parts for one fold: it is the test part, and validation comes out of the others.
[[nodiscard]] Photos parts_of_fold(const PhotoPool& pool, const TrainOptions& options,
                                   const std::vector<std::size_t>& fold);

}  // namespace graft::transfer
