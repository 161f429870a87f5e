// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/applications/options.hpp"

namespace graft::applications {

/// EfficientNetV2 (Tan and Le 2021) with Keras's layer names and order.
///   Input    (N, H, W, C), H and W at least 32: pixels from 0 to 255, which the model normalises itself, or
///   as
///            it likes them with include_preprocessing = false
///   Output   (N, classes); without the top (N, ceil(H / 32), ceil(W / 32), F), or (N, F) when pooled; F is
///            1280, of B2 1408 and of B3 1536
///   Options  include_preprocessing
///   Throws   Error{invalid_argument}: sizes or classes outside what Keras allows
[[nodiscard]] Model EfficientNetV2B0(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetV2B1(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetV2B2(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetV2B3(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetV2S(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetV2M(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetV2L(const ApplicationOptions& options = {});

}  // namespace graft::applications
