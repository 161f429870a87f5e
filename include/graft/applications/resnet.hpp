// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/applications/options.hpp"

namespace graft::applications {

/// Residual networks of 50, 101 and 152 layers (He et al. 2015) with Keras's layer names and order. As in
/// Keras, a block that halves does so in its first 1 x 1 convolution.
///   Input    (N, H, W, C), H and W at least 32, as preprocess_input("resnet") gives it: BGR less its mean
///   Output   (N, classes); without the top (N, ceil(H / 32), ceil(W / 32), 2048), or (N, 2048) when pooled
///   Throws   Error{invalid_argument}: sizes or classes outside what Keras allows
[[nodiscard]] Model ResNet50(const ApplicationOptions& options = {});
[[nodiscard]] Model ResNet101(const ApplicationOptions& options = {});
[[nodiscard]] Model ResNet152(const ApplicationOptions& options = {});

/// The same with normalisation and ReLU before each convolution (He et al. 2016). A stage halves in the 3 x 3
/// convolution of its last block.
///   Input    as above, but as preprocess_input("resnet_v2") gives it: -1..1
///   Output, Throws  as above
[[nodiscard]] Model ResNet50V2(const ApplicationOptions& options = {});
[[nodiscard]] Model ResNet101V2(const ApplicationOptions& options = {});
[[nodiscard]] Model ResNet152V2(const ApplicationOptions& options = {});

}  // namespace graft::applications
