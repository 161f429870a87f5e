// SPDX-License-Identifier: Apache-2.0
// The most probable class of a photo.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "graft/tensor.hpp"

namespace graft {
inline namespace classify {

/// Place of the largest value, the first of equal ones; what is no number counts least.
[[nodiscard]] std::size_t best_class(std::span<const float> row);
/// That of each row of probabilities (N, classes).
[[nodiscard]] std::vector<int> best_classes(const Tensor& probabilities);
/// How many photos have the same class in both, which are of one length.
[[nodiscard]] std::size_t equal_classes(std::span<const int> one, std::span<const int> other);

}  // namespace classify
}  // namespace graft
