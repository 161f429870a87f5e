// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/preprocessing.hpp"

#include "layers/layer_class.hpp"
#include "layers/preprocessing/random_image.hpp"

namespace graft::layers {
namespace {

class RandomBrightnessLayer final : public RandomImageLayer<kToningFields<RandomBrightnessOptions>> {
 public:
  explicit RandomBrightnessLayer(RandomBrightnessOptions given)
      : RandomImageLayer("RandomBrightness", std::move(given)) {}

 protected:
  [[nodiscard]] ops::Params random_op(std::uint64_t seed) const override {
    return ops::RandomBrightness{
        .delta = to_range(options().factor), .value_range = to_range(options().value_range), .seed = seed};
  }
};

}  // namespace

Layer RandomBrightness(RandomBrightnessOptions options) {
  return Layer(std::make_shared<RandomBrightnessLayer>(std::move(options)));
}

constinit const LayerClass kRandomBrightnessClass =
    layer_class<kToningFields<RandomBrightnessOptions>, RandomBrightness>("RandomBrightness");

}  // namespace graft::layers
