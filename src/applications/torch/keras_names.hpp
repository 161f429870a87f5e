// SPDX-License-Identifier: Apache-2.0
// torchvision's modules of the networks that have Keras's layer names.
#pragma once

#include "applications/torch/definitions.hpp"

namespace graft::applications {

[[nodiscard]] TorchModules torchvision_vgg_modules(const Model& model);
[[nodiscard]] TorchModules torchvision_resnet_modules(const Model& model);
[[nodiscard]] TorchModules torchvision_densenet_modules(const Model& model);
[[nodiscard]] TorchModules torchvision_inception_v3_modules(const Model& model);
[[nodiscard]] TorchModules torchvision_mobilenet_v2_modules(const Model& model);
[[nodiscard]] TorchModules torchvision_mobilenet_v3_modules(const Model& model);
[[nodiscard]] TorchModules torchvision_efficientnet_modules(const Model& model);
[[nodiscard]] TorchModules torchvision_efficientnet_v2_modules(const Model& model);

}  // namespace graft::applications
