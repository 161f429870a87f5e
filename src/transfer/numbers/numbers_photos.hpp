// SPDX-License-Identifier: Apache-2.0
// Photos with numbers in their parts.
#pragma once

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

/// Quarters of the photos by their first number, 0 to 3: parts and folds get their share of each, so that low
/// and high numbers are in all of them. Equal numbers are in one quarter.
[[nodiscard]] std::vector<int> quarters_of(const std::vector<float>& numbers);

/// Divides a pool by content, each part with photos of every quarter. known: parts of photos by their prints,
/// which they keep, as split_several() has it. Errors: Error{invalid_argument} where a part would be empty.
[[nodiscard]] Photos split_numbers(const PhotoPool& pool, const TrainOptions& options,
                                   const std::map<std::string, Part>& known = {});

/// The photos of a pool in options.evaluation.folds folds, each with photos of every quarter: the rows held
/// out in each, sorted. Errors: as data::stratified_folds.
[[nodiscard]] PhotoFolds fold_numbers(const PhotoPool& pool, const TrainOptions& options);
/// The parts for one fold: it is the test part, and validation comes out of the others. Errors: as
/// split_numbers().
[[nodiscard]] Photos numbers_parts_of_fold(const PhotoPool& pool, const TrainOptions& options,
                                           const std::vector<std::size_t>& fold);

/// The training photos in folds; none where they are very few or very many.
[[nodiscard]] PhotoFolds numbers_folds(const Photos& photos, std::uint64_t seed);

/// "870 photos with a number: age 1 to 99, mean 34.2"
[[nodiscard]] std::string describe_numbers(const Photos& photos);

}  // namespace transfer
}  // namespace graft
