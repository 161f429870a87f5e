// SPDX-License-Identifier: Apache-2.0
// A small network for tests.
#pragma once

#include "graft/layers.hpp"
#include "graft/model.hpp"

#include "support.hpp"

namespace graft::test {

/// Weights by the goldens' formula; (N, 8, 8, 3) -> three logits.
inline Model small_trainee() {
  const SymbolicTensor input = Input({8, 8, 3}, "image");
  SymbolicTensor x =
      layers::Conv2D({.filters = 4, .kernel_size = 3, .activation = "relu", .name = "conv"})(input);
  x = layers::BatchNormalization({.name = "bn"})(x);
  x = layers::GlobalAveragePooling2D({.name = "gap"})(x);
  const Model model(input, layers::Dense({.units = 3, .name = "head"})(x));
  for (const VariablePtr& weight : model.weights())
    weight->assign(golden_weight(weight->path(), weight->name(), weight->shape()));
  return model;
}

}  // namespace graft::test
