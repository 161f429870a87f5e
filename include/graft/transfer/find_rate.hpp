// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "graft/training/fine_tuning.hpp"
#include "graft/transfer/train.hpp"

#pragma GCC visibility push(default)

namespace graft::transfer {

/// Which phase of the tutorial recipe a learning rate is looked for.
enum class RatePhase {
  head,         ///< the new head on the frozen base, with Adam
  fine_tuning,  ///< after the head was trained for options.epochs: from fine_tune_from on, with RMSprop
};

/// The learning-rate range test on a folder of photos, with the model, augmentation and frozen layers that
/// the tutorial recipe would have. Nothing is written. Throws as train().
[[nodiscard]] LearningRateCurve find_rate(const std::filesystem::path& photos, const TrainOptions& options,
                                          RatePhase phase, const LearningRateFinderOptions& finder = {});

}  // namespace graft::transfer

#pragma GCC visibility pop
