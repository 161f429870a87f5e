// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/applications/options.hpp"

namespace graft::applications {

/// The VGG networks (Simonyan and Zisserman 2014) that Keras lacks, as torchvision has them: with 11 or 13
/// layers that have weights, and with batch normalisation after each convolution (_BN). Layers have
/// torchvision's module names with '_' for '.': features_0, classifier_6. VGG16 and VGG19 without it are in
/// vgg.hpp.
///   Input    (N, H, W, C), H and W at least 32, as preprocess_input("vgg11") gives it: ImageNet's mean and
///            standard deviation, unlike Keras's VGG16
///   Output   (N, classes); without the top (N, H / 32, W / 32, 512), or (N, 512) when pooled
///   Throws   Error{invalid_argument}: sizes or classes outside what is allowed
[[nodiscard]] Model VGG11(const ApplicationOptions& options = {});
[[nodiscard]] Model VGG13(const ApplicationOptions& options = {});
[[nodiscard]] Model VGG11_BN(const ApplicationOptions& options = {});
[[nodiscard]] Model VGG13_BN(const ApplicationOptions& options = {});
[[nodiscard]] Model VGG16_BN(const ApplicationOptions& options = {});
[[nodiscard]] Model VGG19_BN(const ApplicationOptions& options = {});

}  // namespace graft::applications
