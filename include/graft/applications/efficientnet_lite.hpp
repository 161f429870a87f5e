// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/applications/options.hpp"

namespace graft::applications {

/// EfficientNet-Lite0: EfficientNet-B0 (Tan and Le 2019) without squeeze-and-excitation and with ReLU6, as
/// TensorFlow's authors published it for phones. Keras lacks it; layers are named as in Keras's EfficientNet.
///   Input    (N, H, W, C), H and W at least 32, as preprocess_input("efficientnet_lite0") gives it
///   Output   (N, classes); without the top (N, ceil(H / 32), ceil(W / 32), 1280), or (N, 1280) when pooled
///   Throws   Error{invalid_argument}: sizes or classes outside what Keras allows
[[nodiscard]] Model EfficientNetLite0(const ApplicationOptions& options = {});

}  // namespace graft::applications
