// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/random_zoom.hpp"

#include "graft/base/error.hpp"
#include "graft/layers/layer_base.hpp"

#include "layers/config.hpp"
#include "layers/random_image.hpp"

namespace graft::layers {
namespace {

class RandomZoomLayer final : public RandomImageLayer {
 public:
  explicit RandomZoomLayer(RandomZoomOptions options)
      : RandomImageLayer("RandomZoom", options.name, options.seed), options_(std::move(options)) {}

  [[nodiscard]] Json own_config() const override {
    return {{"height_factor", factor_json(options_.height_factor)},
            {"width_factor", options_.width_factor ? factor_json(*options_.width_factor) : Json(nullptr)},
            {"fill_mode", fill_name(options_.fill_mode)},
            {"interpolation", options_.interpolation},
            {"fill_value", options_.fill_value},
            {"seed", seed_json(seed())},
            {"data_format", "channels_last"}};
  }

 protected:
  [[nodiscard]] ops::Params random_op(std::uint64_t seed) const override {
    return ops::RandomTransform{.zoom_height = to_range(options_.height_factor),
                                .zoom_width = to_range(options_.width_factor.value_or(Factor{})),
                                .zoom_keeps_ratio = !options_.width_factor,
                                .fill_mode = to_fill_mode(options_.fill_mode),
                                .fill_value = static_cast<float>(options_.fill_value),
                                .interpolation = to_interpolation(name(), options_.interpolation),
                                .seed = seed};
  }

 private:
  RandomZoomOptions options_;
};

}  // namespace

Layer RandomZoom(RandomZoomOptions options) {
  return Layer(std::make_shared<RandomZoomLayer>(std::move(options)));
}

Layer random_zoom_from_config(const Json& config) {
  const Config reader(config);
  return RandomZoom({.height_factor = reader.factor("height_factor", {}),
                     .width_factor = reader.has("width_factor")
                                         ? std::optional(reader.factor("width_factor", {}))
                                         : std::nullopt,
                     .fill_mode = fill_from(reader),
                     .interpolation = reader.text("interpolation", "bilinear"),
                     .seed = reader.optional_seed(),
                     .fill_value = reader.number("fill_value", 0),
                     .name = reader.name()});
}

}  // namespace graft::layers
