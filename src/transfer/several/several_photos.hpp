// SPDX-License-Identifier: Apache-2.0
// Photos with several labels in their parts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "graft/train.hpp"

#include "transfer/frozen/frozen_rows.hpp"
#include "transfer/load/photo_pool.hpp"
#include "transfer/load/photos.hpp"

namespace graft {
inline namespace transfer {

/// Divides a pool by iterative stratification: 15 % test and 15 % validation, where they are not given.
/// known: parts of photos by their prints, which they keep, and with them photos of their groups; a known
/// test photo is left out where the test photos are given, and a given test or validation photo that had
/// another part. Errors: Error{invalid_argument} where a part would be empty or a label has no training
/// photo.
[[nodiscard]] Photos split_several(const PhotoPool& pool, const TrainOptions& options,
                                   const std::map<std::string, Part>& known = {});

/// The photos of a pool in options.evaluation.folds folds with equal shares of the labels: the rows held out
/// in each, sorted. Errors: Error{invalid_argument} where a fold would be empty, or all photos of a label in
/// one.
[[nodiscard]] PhotoFolds fold_several(const PhotoPool& pool, const TrainOptions& options);
/// The parts for one fold: it is the test part, and validation comes out of the others. Errors: as
/// split_several().
[[nodiscard]] Photos several_parts_of_fold(const PhotoPool& pool, const TrainOptions& options,
                                           const std::vector<std::size_t>& fold);

/// The training photos in folds with equal shares of the labels; none where they are very few or very many.
[[nodiscard]] PhotoFolds several_folds(const Photos& photos, std::uint64_t seed);

/// What photos that have a label count: (n - p) / p for p of n, at most 100; empty without balancing.
[[nodiscard]] std::vector<double> positive_weights_of(const Tensor& truth, ClassWeight weight);

}  // namespace transfer
}  // namespace graft
