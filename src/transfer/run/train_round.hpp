// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "graft/train.hpp"

namespace graft {
inline namespace transfer {

/// train() for the user's own network, or from an earlier round.
[[nodiscard]] TrainResult train_round(const std::filesystem::path& folder, const TrainOptions& options);

}  // namespace transfer
}  // namespace graft
