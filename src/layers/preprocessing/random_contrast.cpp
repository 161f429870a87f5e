// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/preprocessing.hpp"

#include "layers/layer_class.hpp"
#include "layers/preprocessing/random_image.hpp"

namespace graft::layers {
namespace {

class RandomContrastLayer final : public RandomImageLayer<kToningFields<RandomContrastOptions>> {
 public:
  explicit RandomContrastLayer(RandomContrastOptions given)
      : RandomImageLayer("RandomContrast", std::move(given)) {}

 protected:
  [[nodiscard]] ops::Params random_op(std::uint64_t seed) const override {
    // One number f stands for (f, f) here, unlike in the other random layers; SymmetricRange made it (-f, f).
    const double low = options().factor.low < 0 ? -options().factor.low : options().factor.low;
    return ops::RandomContrast{
        .factor = {static_cast<float>(1 - low), static_cast<float>(1 + options().factor.high)},
        .value_range = to_range(options().value_range),
        .seed = seed};
  }
};

}  // namespace

Layer RandomContrast(RandomContrastOptions options) {
  return Layer(std::make_shared<RandomContrastLayer>(std::move(options)));
}

constinit const LayerClass kRandomContrastClass =
    layer_class<kToningFields<RandomContrastOptions>, RandomContrast>("RandomContrast");

}  // namespace graft::layers
