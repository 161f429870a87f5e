// SPDX-License-Identifier: Apache-2.0
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/preprocessing.hpp"

#include "layers/config.hpp"
#include "layers/random_image.hpp"

namespace graft::layers {
namespace {

class RandomBrightnessLayer final : public ToningLayer<RandomBrightnessOptions> {
 public:
  explicit RandomBrightnessLayer(RandomBrightnessOptions options)
      : ToningLayer("RandomBrightness", std::move(options)) {}

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

Layer random_brightness_from_config(const Json& config) {
  return RandomBrightness(toning_options<RandomBrightnessOptions>(Config(config)));
}

}  // namespace graft::layers
