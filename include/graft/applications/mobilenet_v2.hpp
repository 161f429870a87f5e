// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/applications/options.hpp"

namespace graft::applications {

/// MobileNetV2 (Sandler et al. 2018) with Keras's layer names and order: 154 layers without the top.
///   Input    (N, H, W, C), H and W at least 32, as preprocess_input("mobilenet_v2") gives it: -1..1
///   Output   (N, classes); without the top (N, ceil(H / 32), ceil(W / 32), 1280), or (N, 1280) when pooled
///   Options  alpha: filters of every layer times this, to a multiple of 8; the last one grows only
///   Throws   Error{invalid_argument}: sizes, classes or alpha outside what Keras allows
[[nodiscard]] Model MobileNetV2(const ApplicationOptions& options = {});

}  // namespace graft::applications
