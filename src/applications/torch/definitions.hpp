// SPDX-License-Identifier: Apache-2.0
// The PyTorch definitions whose names graft supports: one function each, from a model to the modules of its
// layers.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "graft/model.hpp"

namespace graft::applications {

/// Our layer's name to the module's: "stem_conv" -> "_conv_stem". Layers without one are not in it.
using TorchModules = std::map<std::string, std::string>;

struct TorchDefinition {
  std::string_view name;  ///< whose definition, of what
  TorchModules (*modules)(const Model& model);
};

/// All of them. A definition finds nothing in a model of another family: that is how the right one is known.
[[nodiscard]] std::span<const TorchDefinition> torch_definitions();

/// torchvision's, of the networks that graft names after its modules: the name with '.' for '_'.
[[nodiscard]] TorchModules torchvision_modules(const Model& model);
/// The package efficientnet_lite_pytorch.
[[nodiscard]] TorchModules efficientnet_lite_pytorch_modules(const Model& model);

}  // namespace graft::applications
