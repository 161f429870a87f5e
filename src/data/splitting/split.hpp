// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace graft::data {

/// Error{invalid_argument} unless each is at least 0 and their sum is 1 (to 1e-6).
void check_fractions(std::span<const double> fractions);

}  // namespace graft::data
