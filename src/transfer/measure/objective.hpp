// SPDX-License-Identifier: Apache-2.0
// What classes weigh in a training's loss and in its choices.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "graft/train.hpp"

namespace graft {
inline namespace transfer {

/// Throws Error{invalid_argument} where the objective names a class that there is not.
void check_objective(const TrainOptions& options, const std::vector<std::string>& class_names);

/// What each class weighs, by the recipe's objective or its class weights; the mean over the photos is 1.
/// Empty: all photos weigh the same. labels: of the training photos. Errors: as check_objective().
[[nodiscard]] std::vector<double> weights_of_classes(const TrainOptions& options, std::span<const int> labels,
                                                     const std::vector<std::string>& class_names);

}  // namespace transfer
}  // namespace graft
