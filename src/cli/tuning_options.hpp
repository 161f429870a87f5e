// SPDX-License-Identifier: Apache-2.0
// Options of fine-tuning, augmentation and test-time augmentation.
#pragma once

#include "graft/transfer/train.hpp"

#include "cli/command.hpp"

namespace graft::cli {

/// --fine-tune-from and --freeze.
void add_freezing_options(CLI::App& command, transfer::TrainOptions& options);
/// Those, rates, L2-SP, augmentation and calibration.
void add_tuning_options(CLI::App& command, transfer::TrainOptions& options);
void add_augment_option(CLI::App& command, std::string& names);
/// --tta N.
void add_views_option(CLI::App& command, int& views);

}  // namespace graft::cli
