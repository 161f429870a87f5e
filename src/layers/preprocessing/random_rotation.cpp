// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/preprocessing.hpp"

#include "layers/layer_class.hpp"
#include "layers/preprocessing/random_image.hpp"

namespace graft::layers {
namespace {

constexpr auto kRandomRotationFields =
    fields<RandomRotationOptions>(field<&RandomRotationOptions::factor>("factor")) +
    kMovingFields<RandomRotationOptions>;

class RandomRotationLayer final : public MovingLayer<kRandomRotationFields> {
 public:
  explicit RandomRotationLayer(RandomRotationOptions given)
      : MovingLayer("RandomRotation", std::move(given)) {}

 protected:
  [[nodiscard]] ops::RandomTransform movement() const override {
    return {.angle = to_range(options().factor)};
  }
};

}  // namespace

Layer RandomRotation(RandomRotationOptions options) {
  return Layer(std::make_shared<RandomRotationLayer>(std::move(options)));
}

constinit const LayerClass kRandomRotationClass =
    layer_class<kRandomRotationFields, RandomRotation>("RandomRotation");

}  // namespace graft::layers
