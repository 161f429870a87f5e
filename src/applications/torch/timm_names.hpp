// SPDX-License-Identifier: Apache-2.0
// timm's modules (pytorch-image-models) of the networks that graft has, where they differ from torchvision's.
#pragma once

#include "applications/torch/definitions.hpp"

namespace graft::applications {

/// EfficientNet, EfficientNetV2 and EfficientNet-Lite: efficientnet_b0, tf_efficientnetv2_s, ...
[[nodiscard]] TorchModules timm_efficientnet_modules(const Model& model);
[[nodiscard]] TorchModules timm_mobilenet_modules(const Model& model);
[[nodiscard]] TorchModules timm_mobilenet_v2_modules(const Model& model);
[[nodiscard]] TorchModules timm_mobilenet_v3_modules(const Model& model);
/// Also those with batch normalisation and torchvision's layer names.
[[nodiscard]] TorchModules timm_vgg_modules(const Model& model);
/// legacy_xception.
[[nodiscard]] TorchModules timm_xception_modules(const Model& model);
[[nodiscard]] TorchModules timm_inception_resnet_v2_modules(const Model& model);

/// ConvNeXt as timm, as torchvision and as its authors name it.
[[nodiscard]] TorchModules timm_convnext_modules(const Model& model);
[[nodiscard]] TorchModules torchvision_convnext_modules(const Model& model);
[[nodiscard]] TorchModules authors_convnext_modules(const Model& model);

}  // namespace graft::applications
