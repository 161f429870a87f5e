// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/applications/options.hpp"

namespace graft::applications {

/// Inception-ResNet V2 (Szegedy et al. 2016) with Keras's layer names and order. Most names are automatic
/// ones (conv2d_5), counted on from those given out since clear_session(), as in Keras.
///   Input    (N, H, W, C), H and W at least 75, as preprocess_input("inception_resnet_v2") gives it: -1..1
///   Output   (N, classes); without the top (N, H', W', 1536), 8 x 8 for 299 x 299; or (N, 1536) when pooled
///   Throws   Error{invalid_argument}: sizes or classes outside what Keras allows
[[nodiscard]] Model InceptionResNetV2(const ApplicationOptions& options = {});

}  // namespace graft::applications
