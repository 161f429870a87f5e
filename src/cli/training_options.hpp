// SPDX-License-Identifier: Apache-2.0
// Options that the commands about training share: train, advise, lr-find, preview; --tta of the commands that
// predict.
#pragma once

#include <optional>
#include <string>

#include "graft/train.hpp"

#include "cli/command.hpp"

namespace graft::cli {

/// PHOTOS: a folder with one sub-folder per class.
void add_photos_argument(CLI::App& command, std::string& photos);
/// --model.
void add_base_option(CLI::App& command, transfer::TrainOptions& options);
/// --weights.
void add_base_weights_option(CLI::App& command, transfer::TrainOptions& options);
/// --image-size; fallback: what the size is without it, for the help.
void add_image_size_option(CLI::App& command, transfer::TrainOptions& options, const std::string& fallback);
/// --seed.
void add_seed_option(CLI::App& command, transfer::TrainOptions& options);
/// --precision of training.
void add_training_precision_option(CLI::App& command, transfer::TrainOptions& options);
/// --no-cache.
void add_cache_option(CLI::App& command, transfer::TrainOptions& options);
/// --budget TIME.
void add_budget_option(CLI::App& command, std::optional<double>& seconds, const std::string& help);
/// --fine-tune-from and --freeze.
void add_freezing_options(CLI::App& command, transfer::TutorialRecipe& recipe);
/// --augment.
void add_augment_option(CLI::App& command, std::string& names);
/// --tta N.
void add_views_option(CLI::App& command, int& views);

}  // namespace graft::cli
