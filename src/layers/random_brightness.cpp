// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/random_brightness.hpp"

#include "graft/base/error.hpp"
#include "graft/layers/layer_base.hpp"

#include "layers/config.hpp"
#include "layers/random_image.hpp"

namespace graft::layers {
namespace {

class RandomBrightnessLayer final : public RandomImageLayer {
 public:
  explicit RandomBrightnessLayer(RandomBrightnessOptions options)
      : RandomImageLayer("RandomBrightness", options.name, options.seed), options_(std::move(options)) {}

  [[nodiscard]] Json own_config() const override {
    return {{"factor", factor_json(options_.factor)},
            {"value_range", Json::array({options_.value_range.low, options_.value_range.high})},
            {"seed", seed_json(seed())},
            {"data_format", "channels_last"}};
  }

 protected:
  [[nodiscard]] ops::Params random_op(std::uint64_t seed) const override {
    return ops::RandomBrightness{
        .delta = to_range(options_.factor), .value_range = to_range(options_.value_range), .seed = seed};
  }

 private:
  RandomBrightnessOptions options_;
};

}  // namespace

Layer RandomBrightness(RandomBrightnessOptions options) {
  return Layer(std::make_shared<RandomBrightnessLayer>(std::move(options)));
}

Layer random_brightness_from_config(const Json& config) {
  const Config reader(config);
  return RandomBrightness({.factor = reader.factor("factor", {}),
                           .value_range = reader.factor("value_range", {0, 255}),
                           .seed = reader.optional_seed(),
                           .name = reader.name()});
}

}  // namespace graft::layers
