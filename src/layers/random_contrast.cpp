// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/random_contrast.hpp"

#include "graft/base/error.hpp"
#include "graft/layers/layer_base.hpp"

#include "layers/config.hpp"
#include "layers/random_image.hpp"

namespace graft::layers {
namespace {

class RandomContrastLayer final : public RandomImageLayer {
 public:
  explicit RandomContrastLayer(RandomContrastOptions options)
      : RandomImageLayer("RandomContrast", options.name, options.seed), options_(std::move(options)) {}

  [[nodiscard]] Json own_config() const override {
    return {{"factor", factor_json(options_.factor)},
            {"value_range", Json::array({options_.value_range.low, options_.value_range.high})},
            {"seed", seed_json(seed())},
            {"data_format", "channels_last"}};
  }

 protected:
  [[nodiscard]] ops::Params random_op(std::uint64_t seed) const override {
    // One number f stands for (f, f) here, unlike in the other random layers; Factor made it (-f, f).
    const double low = options_.factor.low < 0 ? -options_.factor.low : options_.factor.low;
    return ops::RandomContrast{
        .factor = {static_cast<float>(1 - low), static_cast<float>(1 + options_.factor.high)},
        .value_range = to_range(options_.value_range),
        .seed = seed};
  }

 private:
  RandomContrastOptions options_;
};

}  // namespace

Layer RandomContrast(RandomContrastOptions options) {
  return Layer(std::make_shared<RandomContrastLayer>(std::move(options)));
}

Layer random_contrast_from_config(const Json& config) {
  const Config reader(config);
  return RandomContrast({.factor = reader.factor("factor", {}),
                         .value_range = reader.factor("value_range", {0, 255}),
                         .seed = reader.optional_seed(),
                         .name = reader.name()});
}

}  // namespace graft::layers
