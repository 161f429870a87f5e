// SPDX-License-Identifier: Apache-2.0
// The rows of history.csv as JSON, as saved states keep them, and as CSV.
#pragma once

#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/train.hpp"

namespace graft {
inline namespace transfer {

/// [{epoch, phase, ...}]; numbers that are not finite become null.
[[nodiscard]] Json history_json(const std::vector<EpochRow>& rows);
/// The inverse; null becomes NaN. Throws Json::exception for anything else.
[[nodiscard]] std::vector<EpochRow> history_from_json(const Json& json);
/// With a header; each figure that any row has is a column.
[[nodiscard]] std::string history_csv(const std::vector<EpochRow>& rows);

}  // namespace transfer
}  // namespace graft
