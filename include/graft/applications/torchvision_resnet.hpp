// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/applications/options.hpp"

namespace graft::applications {

/// The residual networks that Keras lacks, as torchvision has them: ResNet18 and 34 of two-layer blocks (He
/// et al. 2015), ResNeXt, whose blocks' middle convolution has 32 or 64 groups (Xie et al. 2017), and Wide
/// ResNet, where it is twice as wide (Zagoruyko and Komodakis 2016). Blocks of three layers have their stride
/// in the 3 x 3 ("v1.5"). Layers have torchvision's module names with '_' for '.': conv1, layer1_0_conv1, and
/// layer1_0 for what this block gives. ResNet50, 101 and 152 are in Keras.
///   Input    (N, H, W, C), H and W at least 32, as preprocess_input("resnet18") gives it
///   Output   (N, classes); without the top (N, ceil(H / 32), ceil(W / 32), F), or (N, F) when pooled, with F
///            512 for ResNet18 and 34 and 2048 for the others
///   Throws   Error{invalid_argument}: sizes or classes outside what is allowed
[[nodiscard]] Model ResNet18(const ApplicationOptions& options = {});
[[nodiscard]] Model ResNet34(const ApplicationOptions& options = {});
[[nodiscard]] Model ResNeXt50_32x4d(const ApplicationOptions& options = {});
[[nodiscard]] Model ResNeXt101_32x8d(const ApplicationOptions& options = {});
[[nodiscard]] Model ResNeXt101_64x4d(const ApplicationOptions& options = {});
[[nodiscard]] Model WideResNet50_2(const ApplicationOptions& options = {});
[[nodiscard]] Model WideResNet101_2(const ApplicationOptions& options = {});

}  // namespace graft::applications
