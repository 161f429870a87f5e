// SPDX-License-Identifier: Apache-2.0
// What `graft train` can do with photos: one function a recipe.
#pragma once

#include <cstddef>

#include "transfer/state/recipe_run.hpp"

namespace graft::inline transfer {

void train_automatic(const RecipeRun& run);
void train_tutorial(const RecipeRun& run);
void train_classical_head(const RecipeRun& run);
/// Error{invalid_argument} for class weights with a head or recipe that does not support them.
void check_class_weight(const TrainOptions& options);
/// Fits what is trainable in result.model, as it is, and leaves it at its best epoch.
void train_network(const RecipeRun& run);
struct RoundHead {
  std::size_t known_classes = 0;  ///< number of outputs, from the first, that are trained
  std::size_t rehearsed = 0;      ///< photos of older rounds among those to learn from
};
/// Solves the last Dense layer of result.model again on its input features, staying near its weights.
/// Returns false, and does nothing, where the model does not end in one.
[[nodiscard]] bool solve_round_head(const RecipeRun& run, const RoundHead& round);

}  // namespace graft::inline transfer
