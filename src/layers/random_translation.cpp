// SPDX-License-Identifier: Apache-2.0
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/preprocessing.hpp"

#include "layers/config.hpp"
#include "layers/random_image.hpp"

namespace graft::layers {
namespace {

class RandomTranslationLayer final : public MovingLayer<RandomTranslationOptions> {
 public:
  explicit RandomTranslationLayer(RandomTranslationOptions options)
      : MovingLayer("RandomTranslation", std::move(options)) {}

 protected:
  [[nodiscard]] Json factors() const override {
    return {{"height_factor", factor_json(options().height_factor)},
            {"width_factor", factor_json(options().width_factor)}};
  }
  [[nodiscard]] ops::RandomTransform movement() const override {
    return {.shift_height = to_range(options().height_factor),
            .shift_width = to_range(options().width_factor)};
  }
};

}  // namespace

Layer RandomTranslation(RandomTranslationOptions options) {
  return Layer(std::make_shared<RandomTranslationLayer>(std::move(options)));
}

Layer random_translation_from_config(const Json& config) {
  const Config reader(config);
  auto options = moving_options<RandomTranslationOptions>(reader);
  options.height_factor = reader.factor("height_factor", {});
  options.width_factor = reader.factor("width_factor", {});
  return RandomTranslation(std::move(options));
}

}  // namespace graft::layers
