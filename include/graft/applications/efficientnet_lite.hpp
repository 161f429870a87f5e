// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/applications/options.hpp"

namespace graft::applications {

/// EfficientNet-Lite0 to 4: EfficientNet-B0 to B4 (Tan and Le 2019) without squeeze-and-excitation, with
/// ReLU6 and with the same stem and head in all sizes, as TensorFlow's authors published it for phones. Keras
/// lacks it; layers are named as in Keras's EfficientNet. Default sizes are 224, 240, 260, 280 and 300.
///   Input    (N, H, W, C), H and W at least 32, as preprocess_input("efficientnet_lite0") gives it
///   Output   (N, classes); without the top (N, ceil(H / 32), ceil(W / 32), 1280), or (N, 1280) when pooled
///   Throws   Error{invalid_argument}: sizes or classes outside what Keras allows
[[nodiscard]] Model EfficientNetLite0(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetLite1(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetLite2(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetLite3(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetLite4(const ApplicationOptions& options = {});

}  // namespace graft::applications
