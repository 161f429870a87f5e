// SPDX-License-Identifier: Apache-2.0
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/preprocessing.hpp"

#include "layers/config.hpp"
#include "layers/random_image.hpp"

namespace graft::layers {
namespace {

class RandomZoomLayer final : public MovingLayer<RandomZoomOptions> {
 public:
  explicit RandomZoomLayer(RandomZoomOptions options) : MovingLayer("RandomZoom", std::move(options)) {}

 protected:
  [[nodiscard]] Json factors() const override {
    const auto& width = options().width_factor;
    return {{"height_factor", factor_json(options().height_factor)},
            {"width_factor", width ? factor_json(*width) : Json(nullptr)}};
  }
  [[nodiscard]] ops::RandomTransform movement() const override {
    return {.zoom_height = to_range(options().height_factor),
            .zoom_width = to_range(options().width_factor.value_or(Factor{})),
            .zoom_keeps_ratio = !options().width_factor};
  }
};

}  // namespace

Layer RandomZoom(RandomZoomOptions options) {
  return Layer(std::make_shared<RandomZoomLayer>(std::move(options)));
}

Layer random_zoom_from_config(const Json& config) {
  const Config reader(config);
  auto options = moving_options<RandomZoomOptions>(reader);
  options.height_factor = reader.factor("height_factor", {});
  if (reader.has("width_factor")) options.width_factor = reader.factor("width_factor", {});
  return RandomZoom(std::move(options));
}

}  // namespace graft::layers
