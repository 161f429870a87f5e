// SPDX-License-Identifier: Apache-2.0
// The recipe of graft train, from flags that each belong to some recipes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "graft/train.hpp"

#include "cli/command.hpp"

namespace graft::cli {

struct TrainArguments;

/// What the command line specifies for recipes. choose_recipe() copies what the recipe has.
struct RecipeArguments {
  transfer::RecipeName name = transfer::RecipeName::automatic;
  transfer::TutorialRecipe tutorial;        ///< but for the fields below
  transfer::ClassicalHeadRecipe classical;  ///< but for class_weight; without kinds: --head is not given
  std::int64_t epochs = transfer::AutomaticRecipe{}.epochs;
  int views = transfer::AutomaticRecipe{}.views;
  std::optional<double> budget;
  double learning_rate = 0;
  transfer::ClassWeight class_weight = transfer::ClassWeight::none;
  std::string optimize = "accuracy";
  bool always_fine_tune = false;
};

/// --learning-rate and --fine-tune-learning-rate.
void add_learning_rate_options(CLI::App& command, RecipeArguments& recipe);

/// The recipe with its options. With --from also completes given.options from the earlier run. Throws
/// Error{invalid_argument} for a flag that has no effect with this recipe; errors of read_round().
[[nodiscard]] transfer::Recipe choose_recipe(const CLI::App& command, TrainArguments& given);

}  // namespace graft::cli
