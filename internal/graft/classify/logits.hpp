// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/tensor.hpp"

namespace graft {
inline namespace classify {

/// A model's output (N, K) or (N, 1) as logits (N, classes): those of a probability p are log p, bounded as
/// in Keras's cross-entropy. output: as in calibrate().
[[nodiscard]] Tensor logits_of(const Tensor& values, const std::string& output);

/// softmax(logits / temperature), float32 (N, classes).
[[nodiscard]] Tensor softened(const Tensor& logits, double temperature);

/// The same with a temperature for each fifth of the photos, fitted to the other four: what calibration does
/// for photos that it has not seen.
[[nodiscard]] Tensor softened_by_others(const Tensor& logits, const std::vector<int>& labels);

}  // namespace classify
}  // namespace graft
