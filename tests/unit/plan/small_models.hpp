// SPDX-License-Identifier: Apache-2.0
// Small models and random tensors for the tests of plans.
#pragma once

#include <string>

#include "graft/base/random.hpp"
#include "graft/layers.hpp"
#include "graft/model.hpp"
#include "graft/plan/plan.hpp"

#include "support.hpp"

namespace graft::test {

/// Numbers in -1..1 that the key names.
inline Tensor random_tensor(const Shape& shape, const std::string& key) {
  Tensor result(shape);
  const std::vector<double> u = u01(key, static_cast<std::size_t>(result.count()));
  for (std::size_t i = 0; i < u.size(); ++i) result.data()[i] = static_cast<float>(2 * u[i] - 1);
  return result;
}

/// Weights by the goldens' formula, so that nothing is zero or one.
inline void fill_weights(const Model& model) {
  for (const VariablePtr& weight : model.weights())
    weight->assign(golden_weight(weight->path(), weight->name(), weight->shape()));
}

inline std::size_t count_ops(const plan::Plan& plan, const std::string& op) {
  std::size_t count = 0;
  for (const plan::StepInfo& step : plan.steps()) count += step.op == op ? 1 : 0;
  return count;
}

/// Padding, convolutions, BatchNormalization, activations, a residual sum and a head: all that passes fuse.
inline Model residual_model(const std::string& activation = "tanh") {
  const SymbolicTensor input = Input({8, 8, 3}, "image");
  SymbolicTensor x = layers::ZeroPadding2D({.top = 0, .left = 0, .name = "pad"})(input);
  x = layers::Conv2D({.filters = 6, .kernel_size = 3, .strides = 2, .use_bias = false, .name = "c1"})(x);
  x = layers::BatchNormalization({.name = "bn1"})(x);
  x = layers::Activation(activation, "act1")(x);
  SymbolicTensor y = layers::DepthwiseConv2D({.kernel_size = 3, .padding = Padding::same, .name = "dw"})(x);
  y = layers::BatchNormalization({.name = "bn2"})(y);
  y = layers::Conv2D({.filters = 6, .kernel_size = 1, .name = "c2"})(y);
  x = layers::Add("add")(std::vector{x, y});
  x = layers::Activation(activation, "act2")(x);
  x = layers::GlobalAveragePooling2D({.name = "gap"})(x);
  return {input, layers::Dense({.units = 3, .activation = "softmax", .name = "head"})(x)};
}

}  // namespace graft::test
