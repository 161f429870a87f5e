// SPDX-License-Identifier: Apache-2.0
// A small network of your own, not trained yet: guide_own_network FILE
#include <iostream>

#include <graft/graft.hpp>

using namespace graft;

int main(int, char** argv) {
  SymbolicTensor input = Input({64, 64, 3});
  SymbolicTensor x = layers::Rescaling({.scale = {1 / 255.0}})(input);
  for (const std::int64_t filters : {16, 32, 64}) {
    x = layers::Conv2D(
        {.filters = filters, .kernel_size = 3, .padding = Padding::same, .activation = "relu"})(x);
    x = layers::MaxPooling2D()(x);
  }
  x = layers::GlobalAveragePooling2D()(x);
  Model model(input, layers::Dense({.units = 2, .activation = "softmax", .name = "classes"})(x));
  std::cout << model.summary();
  model.save(argv[1]);
}
