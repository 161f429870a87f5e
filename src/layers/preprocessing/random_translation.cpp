// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/preprocessing.hpp"

#include "layers/layer_class.hpp"
#include "layers/preprocessing/random_image.hpp"

namespace graft::layers {
namespace {

constexpr auto kRandomTranslationFields =
    fields<RandomTranslationOptions>(field<&RandomTranslationOptions::height_factor>("height_factor"),
                                     field<&RandomTranslationOptions::width_factor>("width_factor")) +
    kMovingFields<RandomTranslationOptions>;

class RandomTranslationLayer final : public MovingLayer<kRandomTranslationFields> {
 public:
  explicit RandomTranslationLayer(RandomTranslationOptions given)
      : MovingLayer("RandomTranslation", std::move(given)) {}

 protected:
  [[nodiscard]] ops::RandomTransform movement() const override {
    return {.shift_height = to_range(options().height_factor),
            .shift_width = to_range(options().width_factor)};
  }
};

}  // namespace

Layer RandomTranslation(RandomTranslationOptions options) {
  return Layer(std::make_shared<RandomTranslationLayer>(std::move(options)));
}

constinit const LayerClass kRandomTranslationClass =
    layer_class<kRandomTranslationFields, RandomTranslation>("RandomTranslation");

}  // namespace graft::layers
