// SPDX-License-Identifier: Apache-2.0
// The formulas of the gradient methods, and what turns their values into a heat map.
#pragma once

#include "graft/tensor.hpp"

namespace graft {
inline namespace inspect {

/// Grad-CAM before relu. map and gradient: float32 (1, h, w, C). Returns (h, w).
[[nodiscard]] Tensor grad_cam(const Tensor& map, const Tensor& gradient);
/// Grad-CAM++ before relu, in the same way.
[[nodiscard]] Tensor grad_cam_plus_plus(const Tensor& map, const Tensor& gradient);

/// Values (h, w) as a heat map of another size: negative ones 0, divided by the largest, resized.
[[nodiscard]] Tensor heat_of(const Tensor& values, Size2D size);

}  // namespace inspect
}  // namespace graft
