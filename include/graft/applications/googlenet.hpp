// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/applications/options.hpp"

namespace graft::applications {

/// GoogLeNet, or Inception v1 (Szegedy et al. 2014), as torchvision has it: with batch normalisation, 3 x 3
/// for the paper's 5 x 5, and without the two auxiliary classifiers, which only help training from nothing.
/// Keras lacks it; layers have torchvision's module names with '_' for '.': conv1_conv,
/// inception3a_branch2_0_bn, and inception3a for what the whole module gives.
///   Input    (N, H, W, C), H and W at least 32, as preprocess_input("googlenet") gives it: -1..1
///   Output   (N, classes); without the top (N, H', W', 1024), 7 x 7 at 224 x 224, or (N, 1024) when pooled
///   Throws   Error{invalid_argument}: sizes or classes outside what is allowed
/// torchvision's published weights were trained with -1..1: its transform_input turns the standardised pixels
/// that it takes elsewhere back to that.
[[nodiscard]] Model GoogLeNet(const ApplicationOptions& options = {});

}  // namespace graft::applications
