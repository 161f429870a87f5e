// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <variant>

#include "graft/train.hpp"
#include "graft/transfer/earlier_run.hpp"

namespace graft {
inline namespace transfer {

/// Options of the recipes that solve a head on frozen features: those of AutomaticRecipe; of HeadRecipe,
/// which does not fine-tune: epochs 0. Defaults for any other recipe.
[[nodiscard]] inline AutomaticRecipe automatic_options(const TrainOptions& options) {
  if (const auto* automatic = std::get_if<AutomaticRecipe>(&options.recipe)) return *automatic;
  if (const auto* head = std::get_if<HeadRecipe>(&options.recipe))
    return {.epochs = 0,
            .views = head->views,
            .class_weight = head->class_weight,
            .optimize = head->optimize,
            .budget = std::nullopt};
  return {};
}

/// The recipe's class weights.
[[nodiscard]] inline ClassWeight class_weight_of(const TrainOptions& options) {
  return std::visit([](const auto& recipe) { return recipe.class_weight; }, options.recipe);
}

/// What the recipe is to be good at; accuracy for those that have no objective.
[[nodiscard]] inline Objective objective_of(const TrainOptions& options) {
  return automatic_options(options).optimize;
}

/// True where the options have this recipe.
template <typename One>
[[nodiscard]] bool is_recipe(const TrainOptions& options) {
  return std::holds_alternative<One>(options.recipe);
}

/// Learning rate of the tutorial's first phase: of the head.
[[nodiscard]] inline double head_rate(const TutorialRecipe& recipe) {
  return recipe.learning_rate > 0 ? recipe.learning_rate : 1e-4;
}

/// Learning rate of the tutorial's second phase: given, or a tenth of that of the head.
[[nodiscard]] inline double fine_tune_rate(const TutorialRecipe& recipe) {
  if (recipe.fine_tune_learning_rate > 0) return recipe.fine_tune_learning_rate;
  return recipe.learning_rate > 0 ? 0.1 * recipe.learning_rate : 1e-5;
}

/// Whether a later round solves the head again, on frozen features.
[[nodiscard]] inline bool solves_head(const RoundRecipe& recipe, const TrainOptions& options) {
  return recipe.recipe == RecipeName::head ||
         (recipe.recipe == RecipeName::automatic && !is_network_file(options));
}

/// Whether the recipe solves a head, so that there are answers for photos that the head has not seen.
[[nodiscard]] inline bool solves_head(const TrainOptions& options) {
  if (const auto* round = std::get_if<RoundRecipe>(&options.recipe)) return solves_head(*round, options);
  return (is_recipe<HeadRecipe>(options) || is_recipe<AutomaticRecipe>(options)) && !is_network_file(options);
}

/// Whether the model's probabilities are calibrated: see TrainOptions::calibrate.
[[nodiscard]] inline bool calibrates(const TrainOptions& options) {
  return options.calibrate.value_or(solves_head(options));
}

}  // namespace transfer
}  // namespace graft
