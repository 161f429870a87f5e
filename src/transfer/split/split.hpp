// SPDX-License-Identifier: Apache-2.0
// Which photos train, which choose and which test.
#pragma once

#include <cstdint>
#include <vector>

#include "transfer/load/photo_pool.hpp"
#include "transfer/load/photos.hpp"

namespace graft {
inline namespace transfer {

/// Positions of the training set's photos in each part; a part with its own folder gets none.
struct Split {
  std::vector<std::size_t> train, validation, test;
};
[[nodiscard]] Split split_stratified(const std::vector<int>& labels, bool needs_validation, bool needs_test,
                                     std::uint64_t seed);

/// Divides a pool. keras_split: validation is the last fifth of Keras's shuffled list, and without a test
/// folder a fifth of that is the test part, as in the tutorial; else graft's stratified split. Errors:
/// Error{invalid_argument} where a part would be empty.
[[nodiscard]] Photos split_pool(const PhotoPool& pool, const TrainOptions& options, bool keras_split);

/// The training photos of a pool in k folds: the photos held out in each.
[[nodiscard]] std::vector<std::vector<std::size_t>> fold_pool(const PhotoPool& pool,
                                                              const TrainOptions& options);
/// The parts for one fold: it is the test part, and validation comes out of the others.
[[nodiscard]] Photos parts_of_fold(const PhotoPool& pool, const TrainOptions& options,
                                   const std::vector<std::size_t>& fold);

}  // namespace transfer
}  // namespace graft
