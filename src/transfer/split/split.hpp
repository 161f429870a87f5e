// SPDX-License-Identifier: Apache-2.0
// Which photos train, which choose and which test.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "transfer/load/photo_pool.hpp"
#include "transfer/load/photos.hpp"

namespace graft {
inline namespace transfer {

/// Positions of the training set's photos in each part; a part with its own folder gets none.
struct Split {
  std::vector<std::size_t> train, validation, test;
};

/// What is divided.
struct ToSplit {
  std::span<const int> labels;            ///< the class of each photo
  std::span<const std::string> prints;    ///< what tells its content apart: photo_print()
  std::span<const std::size_t> groups{};  ///< photos of one group stay together; empty: no groups
  bool needs_validation = true, needs_test = true;
  std::uint64_t seed = 0;
};
/// Each photo's part is decided by its content and the seed only, so that photos that are added, removed or
/// filed under another class do not move the others: 15 % test, 15 % validation, about. A group goes by the
/// content of one of its photos. A class that would be missing from a part takes the photo, or group, that
/// is nearest to it from another part.
[[nodiscard]] Split split_by_content(const ToSplit& photos);

/// Divides a pool. keras_split: validation is the last fifth of Keras's shuffled list, and without a test
/// folder a fifth of that is the test part, as in the tutorial; else split_by_content(). Errors:
/// Error{invalid_argument} where a part would be empty.
[[nodiscard]] Photos split_pool(const PhotoPool& pool, const TrainOptions& options, bool keras_split);

/// The parts of a pool as they were divided. binary: labels of batches are 0 or 1. Errors:
/// Error{invalid_argument} where a part is empty.
[[nodiscard]] Photos make_photos(const PhotoPool& pool, const TrainOptions& options, const Split& split,
                                 bool binary);

/// The training photos of a pool in k folds: the photos held out in each.
[[nodiscard]] std::vector<std::vector<std::size_t>> fold_pool(const PhotoPool& pool,
                                                              const TrainOptions& options);
/// The parts for one fold: it is the test part, and validation comes out of the others.
[[nodiscard]] Photos parts_of_fold(const PhotoPool& pool, const TrainOptions& options,
                                   const std::vector<std::size_t>& fold);

}  // namespace transfer
}  // namespace graft
