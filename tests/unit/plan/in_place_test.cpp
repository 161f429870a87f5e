// SPDX-License-Identifier: Apache-2.0
// Ops whose kernels may write over their input need no second buffer.
#include <string>

#include <gtest/gtest.h>

#include "small_models.hpp"

namespace graft::plan {
namespace {

constexpr std::size_t kImageBytes = std::size_t{4} * 16 * 16 * 8 * sizeof(float);

/// A convolution's result, through the layer, to a sum of its elements.
std::size_t arena_bytes_with(const Layer& layer, Mode mode) {
  const SymbolicTensor input = Input({16, 16, 3}, "image");
  SymbolicTensor x = layers::Conv2D({.filters = 8, .kernel_size = 3, .padding = Padding::same})(input);
  x = layer(x);
  x = layers::Dense({.units = 2})(layers::GlobalAveragePooling2D()(x));
  const Model model(input, x);
  model.layers()[1].set_trainable(false);
  return Plan::lower(model, {.mode = mode, .batch_size = 4, .cache_bytes = std::size_t{1} << 30U})
      .arena_bytes();
}

TEST(InPlace, SoftmaxRandomContrastAndRandomBrightness) {
  const Layer softmax = layers::Activation("softmax");
  EXPECT_LT(arena_bytes_with(softmax, Mode::inference), 2 * kImageBytes);
  const Layer contrast = layers::RandomContrast({.factor = 0.2});
  EXPECT_LT(arena_bytes_with(contrast, Mode::training), 2 * kImageBytes);
  const Layer brightness = layers::RandomBrightness({.factor = 0.2});
  EXPECT_LT(arena_bytes_with(brightness, Mode::training), 2 * kImageBytes);
}

TEST(InPlace, OpsThatReadNeighboursNeedASecondBuffer) {
  const Layer convolution = layers::Conv2D({.filters = 8, .kernel_size = 3, .padding = Padding::same});
  EXPECT_GE(arena_bytes_with(convolution, Mode::inference), 2 * kImageBytes);
}

}  // namespace
}  // namespace graft::plan
