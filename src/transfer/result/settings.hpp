// SPDX-License-Identifier: Apache-2.0
// The settings of a run, as in settings.json.
#pragma once

#include <filesystem>
#include <string>

#include "graft/base/json.hpp"
#include "graft/train.hpp"

namespace graft {
inline namespace transfer {

/// The settings that decide a run's outcome, as in settings.json. What had no effect with
/// the recipe is not there.
[[nodiscard]] Json settings_json(const TrainOptions& options, const std::filesystem::path& photos,
                                 Size2D size);

}  // namespace transfer
}  // namespace graft
