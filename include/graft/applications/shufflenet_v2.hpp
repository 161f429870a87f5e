// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/applications/options.hpp"

namespace graft::applications {

/// ShuffleNetV2 (Ma et al. 2018) as torchvision has it, 0.5 to 2 times as wide. Keras lacks it; layers have
/// torchvision's module names with '_' for '.': conv1_0, stage2_0_branch1_0, and stage2_0 for what this unit
/// gives. A unit shuffles its channels and the next one splits them; both are done by Reshape, Permute and
/// Cropping2D, which Keras itself can load, and for which height and width must be known.
///   Input    (N, H, W, C), H and W at least 32, as preprocess_input("shufflenet_v2_x1_0") gives it; where no
///            shape is given 224 x 224, without the top too
///   Output   (N, classes); without the top (N, ceil(H / 32), ceil(W / 32), F), or (N, F) when pooled, with F
///            2048 at twice the width, else 1024
///   Throws   Error{invalid_argument}: sizes or classes outside what is allowed, an open height or width
[[nodiscard]] Model ShuffleNetV2_x0_5(const ApplicationOptions& options = {});
[[nodiscard]] Model ShuffleNetV2_x1_0(const ApplicationOptions& options = {});
[[nodiscard]] Model ShuffleNetV2_x1_5(const ApplicationOptions& options = {});
[[nodiscard]] Model ShuffleNetV2_x2_0(const ApplicationOptions& options = {});

}  // namespace graft::applications
