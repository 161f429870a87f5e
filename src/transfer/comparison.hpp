// SPDX-License-Identifier: Apache-2.0
// Is one model better than another on the same photos, or is it chance?
#pragma once

#include <vector>

#include "graft/tensor/tensor.hpp"

namespace graft::transfer {

/// -log of the probability that each photo's right class got; probabilities float32 (n, K).
[[nodiscard]] std::vector<double> losses_of(const Tensor& probabilities, const std::vector<int>& labels);

/// Is the mean of before - after, photo by photo, above zero by two standard errors? Few photos differ by
/// chance.
[[nodiscard]] bool clearly_lower(const std::vector<double>& before, const std::vector<double>& after);

}  // namespace graft::transfer
