// SPDX-License-Identifier: Apache-2.0
// One training run, of a first round or a later one: the same stages in the same order.
#pragma once

#include <filesystem>
#include <functional>

#include "transfer/state/recipe_run.hpp"

namespace graft::inline transfer {

/// What differs between runs.
struct RunSteps {
  std::function<void(const RecipeRun&)> prepare{};  ///< once the photos are described; may be empty
  std::function<void(const RecipeRun&)> train;      ///< fills the result's model, metadata and facts
  std::function<void(const RecipeRun&)> compare{};  ///< once the test photos are scored; may be empty
};

struct RunPlace {
  const std::filesystem::path& folder;  ///< of the photos
  Size2D image_size;
};

/// Describes the photos, prepares, trains, measures on the test photos and compares. Sets the seed of the
/// calling thread's innermost ExecutionScope.
[[nodiscard]] TrainResult run_stages(const Photos& photos, const TrainOptions& options, const RunPlace& place,
                                     Reporter& reporter, const RunSteps& steps);

}  // namespace graft::inline transfer
