// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/applications/options.hpp"

namespace graft::applications {

/// AlexNet as torchvision has it (Krizhevsky 2014, "one weird trick"). Keras lacks it; layers have
/// torchvision's module names with '_' for '.': features_0, classifier_6.
///   Input    (N, H, W, C), H and W at least 63, as preprocess_input("alexnet") gives it
///   Output   (N, classes); without the top (N, H', W', 256), 6 x 6 at 224 x 224, or (N, 256) when pooled
///   Throws   Error{invalid_argument}: sizes or classes outside what is allowed
[[nodiscard]] Model AlexNet(const ApplicationOptions& options = {});

}  // namespace graft::applications
