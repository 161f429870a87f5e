// SPDX-License-Identifier: Apache-2.0
// Small models for the tests of saving.
#pragma once

#include <gtest/gtest.h>

#include "graft/error.hpp"
#include "graft/layers.hpp"
#include "graft/model.hpp"
#include "graft/models/functional_model.hpp"

#include "support.hpp"

namespace graft::test {

/// Whether an action throws Error of this kind with a message that holds all these texts.
template <typename Action>
void expect_error(const Action& action, ErrorKind kind, const std::vector<std::string>& texts) {
  try {
    action();
    ADD_FAILURE() << "expected an Error{" << to_string(kind) << "}";
  } catch (const Error& error) {
    EXPECT_EQ(to_string(error.kind()), to_string(kind)) << error.what();
    for (const std::string& text : texts)
      EXPECT_NE(std::string(error.what()).find(text), std::string::npos)
          << error.what() << "\nshould name " << text;
  }
}

/// Every weight of the model and of models in it becomes the goldens' formula for its key "layer/weight".
inline void set_golden_weights(const Model& model) {
  for (const Layer& layer : model.layers()) {
    for (const VariablePtr& weight : layer.weights())
      weight->assign(golden_weight(weight->path(), weight->name(), weight->shape()));
  }
}

/// Largest difference of all weights from the goldens' formula; paths missing there do not exist.
inline double golden_difference(const Model& model) {
  double worst = 0;
  for (const VariablePtr& weight : model.weights()) {
    const Tensor expected = golden_weight(weight->path(), weight->name(), weight->shape());
    worst = std::max(worst, max_difference(weight->value().data(), expected.data()));
  }
  return worst;
}

/// A base with a branch, convolutions, depthwise convolutions and normalisation: (None, 16, 16, 3) -> 8
/// channels.
inline Model small_base(const std::string& name = "base") {
  const SymbolicTensor input = Input({16, 16, 3}, name + "_input");
  SymbolicTensor x = layers::Rescaling({.scale = {1 / 127.5}, .offset = {-1}, .name = "rescale"})(input);
  x = layers::Conv2D(
      {.filters = 8, .kernel_size = 3, .padding = Padding::same, .use_bias = false, .name = "conv"})(x);
  x = layers::BatchNormalization({.name = "bn"})(x);
  const SymbolicTensor y =
      layers::DepthwiseConv2D({.kernel_size = 3, .padding = Padding::same, .name = "dw"})(x);
  x = layers::Add("add")(std::vector{x, y});
  return {input, layers::ReLU({.max_value = 6.0, .name = "relu"})(x), name};
}

/// The base, frozen, called in inference mode below a head.
inline Model small_transfer() {
  const Model base = small_base();
  Layer(base).set_trainable(false);
  const SymbolicTensor input = Input({16, 16, 3}, "image");
  SymbolicTensor x = layers::RandomFlip({.mode = Flip::horizontal, .name = "flip"})(input);
  x = base(x, {.training = false});
  x = layers::GlobalAveragePooling2D({.name = "gap"})(x);
  x = layers::Dropout({.rate = 0.2, .name = "drop"})(x);
  return {input, layers::Dense({.units = 3, .activation = "softmax", .name = "predictions"})(x), "transfer"};
}

}  // namespace graft::test
