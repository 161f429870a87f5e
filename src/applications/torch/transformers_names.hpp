// SPDX-License-Identifier: Apache-2.0
// transformers' modules of the networks whose arithmetic is that of Keras's.
#pragma once

#include "applications/torch/definitions.hpp"

namespace graft::applications {

[[nodiscard]] TorchModules transformers_mobilenet_modules(const Model& model);
[[nodiscard]] TorchModules transformers_mobilenet_v2_modules(const Model& model);
[[nodiscard]] TorchModules transformers_efficientnet_modules(const Model& model);

}  // namespace graft::applications
