// SPDX-License-Identifier: Apache-2.0
// The settings of a run, as in settings.json.
#pragma once

#include <filesystem>
#include <string>

#include "graft/base/json.hpp"
#include "graft/train.hpp"

namespace graft::inline transfer {

/// "auto", "head", "tutorial", "network": as in settings.json and on the command line.
[[nodiscard]] std::string recipe_name(Recipe recipe);
/// The settings that decide a run's outcome, as in settings.json.
[[nodiscard]] Json settings_json(const TrainOptions& options, const std::filesystem::path& photos,
                                 Size2D size);

}  // namespace graft::inline transfer
