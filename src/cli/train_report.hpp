// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "graft/train.hpp"

namespace graft::cli {

/// What `graft train --json` prints.
[[nodiscard]] Json train_json(const transfer::TrainResult& result, const std::filesystem::path& folder);
/// The same as text for people. Ends with an example of the next command.
[[nodiscard]] std::string train_text(const transfer::TrainResult& result,
                                     const std::filesystem::path& folder);

}  // namespace graft::cli
