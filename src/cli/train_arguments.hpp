// SPDX-License-Identifier: Apache-2.0
// The options of graft train, in the groups of its help.
#pragma once

#include <string>

#include "graft/train.hpp"

#include "cli/clips.hpp"
#include "cli/command.hpp"
#include "cli/common_options.hpp"
#include "cli/recipe_arguments.hpp"
#include "cli/round_arguments.hpp"

namespace graft::cli {

/// What the command line of graft train specifies.
struct TrainArguments {
  std::string photos;
  std::string settings;            ///< a settings.json, or the folder with one; empty: none
  std::string out;                 ///< empty: see default_out_folder()
  bool no_report = false;          ///< write no report
  bool no_inspection = false;      ///< without findings and heat maps
  bool watch = false;              ///< write a page that follows the training
  std::string plots;               ///< folder for figures; empty: none
  transfer::TrainOptions options;  ///< but for its recipe: see choose_recipe()
  RecipeArguments recipe;
  CommonOptions common;
  RoundArguments round;
  ClipArguments clips;
};

void add_train_options(CLI::App& command, TrainArguments& given);

}  // namespace graft::cli
