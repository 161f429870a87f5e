// SPDX-License-Identifier: Apache-2.0
// The families of applications. Each function is defined in its family's file and returns that family's
// entries; catalogue.cpp joins them.
#pragma once

#include <span>

#include "graft/applications.hpp"

namespace graft::applications {

[[nodiscard]] std::span<const Application> alexnet_family();
[[nodiscard]] std::span<const Application> convnext_family();
[[nodiscard]] std::span<const Application> densenet_family();
[[nodiscard]] std::span<const Application> efficientnet_family();
[[nodiscard]] std::span<const Application> efficientnet_lite_family();
[[nodiscard]] std::span<const Application> efficientnet_v2_family();
[[nodiscard]] std::span<const Application> googlenet_family();
[[nodiscard]] std::span<const Application> inception_resnet_v2_family();
[[nodiscard]] std::span<const Application> inception_v3_family();
[[nodiscard]] std::span<const Application> mobilenet_family();
[[nodiscard]] std::span<const Application> mobilenet_v2_family();
[[nodiscard]] std::span<const Application> mobilenet_v3_family();
[[nodiscard]] std::span<const Application> nasnet_family();
[[nodiscard]] std::span<const Application> resnet_family();
[[nodiscard]] std::span<const Application> shufflenet_v2_family();
[[nodiscard]] std::span<const Application> squeezenet_family();
[[nodiscard]] std::span<const Application> torchvision_resnet_family();
[[nodiscard]] std::span<const Application> torchvision_vgg_family();
[[nodiscard]] std::span<const Application> vgg_family();
[[nodiscard]] std::span<const Application> xception_family();

}  // namespace graft::applications
