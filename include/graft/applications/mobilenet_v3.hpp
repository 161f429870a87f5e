// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/applications/options.hpp"

namespace graft::applications {

/// MobileNetV3 (Howard et al. 2019) with Keras's layer names and order.
///   Input    (N, H, W, C), H and W at least 32 and open by default, also with the top: pixels from 0 to 255,
///            or from -1 to 1 with include_preprocessing = false
///   Output   (N, classes); without the top (N, ceil(H / 32), ceil(W / 32), F), or (N, F) when pooled, with F
///            576 (small) or 960 (large) at alpha 1
///   Options  alpha: filters of every layer but the first times this, to a multiple of 8; minimalistic;
///            dropout_rate; include_preprocessing
///   Throws   Error{invalid_argument}: sizes, classes or options outside what Keras allows
[[nodiscard]] Model MobileNetV3Small(const ApplicationOptions& options = {});
[[nodiscard]] Model MobileNetV3Large(const ApplicationOptions& options = {});

}  // namespace graft::applications
