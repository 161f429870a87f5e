// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/train.hpp"

namespace graft {
inline namespace transfer {

/// Throws Error{invalid_argument} for options out of range, for a recipe that does not go with the model, and
/// for an option that would have no effect; the error names the option.
void check_options(const TrainOptions& options);

}  // namespace transfer
}  // namespace graft
