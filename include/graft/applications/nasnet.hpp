// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/applications/options.hpp"

namespace graft::applications {

/// NASNet-A (Zoph et al. 2017) with Keras's layer names and order.
///   Input    (N, H, W, C), H and W at least 32, as preprocess_input("nasnet_mobile") gives it: -1..1. By
///            default 224 x 224 (mobile, also without the top) and 331 x 331 (large, with the top)
///   Output   (N, classes); without the top (N, about H / 32, about W / 32, F), or (N, F) when pooled, with F
///            1056 (mobile) or 4032 (large)
///   Throws   Error{invalid_argument}: sizes or classes outside what Keras allows; an open height or width
///            with weights = "imagenet"
/// Which layers halve what comes from two cells before depends on the width, so the width should be known:
/// with an open one Keras builds, and so does this, a network that fits no image.
[[nodiscard]] Model NASNetMobile(const ApplicationOptions& options = {});
[[nodiscard]] Model NASNetLarge(const ApplicationOptions& options = {});

}  // namespace graft::applications
