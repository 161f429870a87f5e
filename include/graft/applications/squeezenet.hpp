// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/applications/options.hpp"

namespace graft::applications {

/// SqueezeNet (Iandola et al. 2016) as torchvision has it; 1.1 gives the same accuracy as 1.0 for 2.4 times
/// less arithmetic. Keras lacks it; layers have torchvision's module names with '_' for '.': features_0,
/// features_3_squeeze, and features_3 for what this Fire module gives.
///   Input    (N, H, W, C), H and W at least 32, as preprocess_input("squeezenet1_1") gives it
///   Output   (N, classes); without the top (N, H', W', 512), 13 x 13 at 224 x 224, or (N, 512) when pooled
///   Throws   Error{invalid_argument}: sizes or classes outside what is allowed
/// The files squeezenet_weights_tf_dim_ordering_tf_kernels[_notop].h5 that circulate for Keras fit
/// SqueezeNet1_1, in the order of layers; they want pixels as preprocess_input("vgg16") gives them.
[[nodiscard]] Model SqueezeNet1_0(const ApplicationOptions& options = {});
[[nodiscard]] Model SqueezeNet1_1(const ApplicationOptions& options = {});

}  // namespace graft::applications
