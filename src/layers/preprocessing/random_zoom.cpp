// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/preprocessing.hpp"

#include "layers/layer_class.hpp"
#include "layers/preprocessing/random_image.hpp"

namespace graft::layers {
namespace {

constexpr auto kRandomZoomFields =
    fields<RandomZoomOptions>(field<&RandomZoomOptions::height_factor>("height_factor"),
                              field<&RandomZoomOptions::width_factor>("width_factor")) +
    kMovingFields<RandomZoomOptions>;

class RandomZoomLayer final : public MovingLayer<kRandomZoomFields> {
 public:
  explicit RandomZoomLayer(RandomZoomOptions given) : MovingLayer("RandomZoom", std::move(given)) {}

 protected:
  [[nodiscard]] ops::RandomTransform movement() const override {
    return {.zoom_height = to_range(options().height_factor),
            .zoom_width = to_range(options().width_factor.value_or(SymmetricRange{})),
            .zoom_keeps_ratio = !options().width_factor};
  }
};

}  // namespace

Layer RandomZoom(RandomZoomOptions options) {
  return Layer(std::make_shared<RandomZoomLayer>(std::move(options)));
}

constinit const LayerClass kRandomZoomClass = layer_class<kRandomZoomFields, RandomZoom>("RandomZoom");

}  // namespace graft::layers
