// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "graft/training/fine_tuning.hpp"
#include "graft/transfer/train.hpp"

#pragma GCC visibility push(default)

namespace graft::transfer {

/// Which phase of the tutorial recipe a learning rate is searched.
enum class RatePhase {
  head,         ///< the new head on the frozen base, with Adam
  fine_tuning,  ///< after the head was trained for the recipe's epochs: from fine_tune_from on, with RMSprop
};

/// The learning-rate range test on a folder of photos, with the model, augmentation and frozen layers that
/// options.recipe, a TutorialRecipe, has. Nothing is written. Throws as train(); Error{invalid_argument} for
/// another recipe.
[[nodiscard]] LearningRateCurve find_rate(const std::filesystem::path& photos, const TrainOptions& options,
                                          RatePhase phase, const LearningRateFinderOptions& finder = {});

}  // namespace graft::transfer

#pragma GCC visibility pop
