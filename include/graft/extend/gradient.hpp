// SPDX-License-Identifier: Apache-2.0
// What a plan and the authors of losses and optimizers share.
#pragma once

#include "graft/tensor.hpp"

#pragma GCC visibility push(default)

namespace graft::plan {

/// The activation that ends a model, where the plan leaves it out so that a loss is exact on logits.
enum class FinalActivation { none, sigmoid, softmax };

/// Gradient of the loss by one weight, in the weight's shape; a view that the next backward() overwrites.
struct Gradient {
  VariablePtr variable;
  Tensor value;
};

}  // namespace graft::plan

#pragma GCC visibility pop
