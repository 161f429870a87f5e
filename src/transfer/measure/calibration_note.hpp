// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/evaluation.hpp"

namespace graft {
inline namespace transfer {

/// What a run says of a temperature other than 1.
[[nodiscard]] std::string calibration_note(const classify::Calibration& found);

}  // namespace transfer
}  // namespace graft
