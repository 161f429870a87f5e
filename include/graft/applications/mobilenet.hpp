// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/applications/options.hpp"

namespace graft::applications {

/// MobileNet (Howard et al. 2017) with Keras's layer names and order: 86 layers without the top.
///   Input    (N, H, W, C), H and W at least 32, as preprocess_input("mobilenet") gives it: -1..1
///   Output   (N, classes); without the top (N, H / 32, W / 32, 1024 alpha), or (N, 1024 alpha) when pooled
///   Options  alpha: filters of every layer times this, cut to whole numbers; depth_multiplier; dropout_rate
///   Throws   Error{invalid_argument}: sizes, classes or options outside what Keras allows
[[nodiscard]] Model MobileNet(const ApplicationOptions& options = {});

}  // namespace graft::applications
