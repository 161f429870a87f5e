// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/applications/options.hpp"

namespace graft::applications {

/// VGG with 16 or 19 layers that have weights (Simonyan and Zisserman 2014), with Keras's layer names and
/// order.
///   Input    (N, H, W, C), H and W at least 32, as preprocess_input("vgg16") gives it: BGR less its mean
///   Output   (N, classes); without the top (N, H / 32, W / 32, 512), or (N, 512) when pooled
///   Throws   Error{invalid_argument}: sizes or classes outside what Keras allows
[[nodiscard]] Model VGG16(const ApplicationOptions& options = {});
[[nodiscard]] Model VGG19(const ApplicationOptions& options = {});

}  // namespace graft::applications
