// SPDX-License-Identifier: Apache-2.0
// A classifier for ten classes on VGG16 at 300 x 300, frozen wholly and in part.
#include <iostream>

#include <graft/graft.hpp>

using namespace graft;

int main() {
  Model base = applications::VGG16({.input_shape = {300, 300, 3}, .include_top = false, .weights = "none"});
  SymbolicTensor x = layers::Flatten()(base.outputs()[0]);
  x = layers::Dense({.units = 1024, .activation = "relu"})(x);
  Model model(base.inputs()[0], layers::Dense({.units = 10, .activation = "softmax"})(x));
  std::cout << model.summary();

  // Freeze all layers of the base: only the two Dense layers train.
  base.set_trainable(false);
  std::cout << "base frozen: " << count_params(model.trainable_weights()) << " parameters train\n";

  // Freeze some: the last block of convolutions trains too.
  for (Layer& layer : base.layers()) layer.set_trainable(layer.name().starts_with("block5"));
  std::cout << "block5 trains: " << count_params(model.trainable_weights()) << " parameters train\n";
}
