// SPDX-License-Identifier: Apache-2.0
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/preprocessing.hpp"

#include "layers/config.hpp"
#include "layers/random_image.hpp"

namespace graft::layers {
namespace {

class RandomContrastLayer final : public ToningLayer<RandomContrastOptions> {
 public:
  explicit RandomContrastLayer(RandomContrastOptions options)
      : ToningLayer("RandomContrast", std::move(options)) {}

 protected:
  [[nodiscard]] ops::Params random_op(std::uint64_t seed) const override {
    // One number f stands for (f, f) here, unlike in the other random layers; Factor made it (-f, f).
    const double low = options().factor.low < 0 ? -options().factor.low : options().factor.low;
    return ops::RandomContrast{
        .factor = {static_cast<float>(1 - low), static_cast<float>(1 + options().factor.high)},
        .value_range = to_range(options().value_range),
        .seed = seed};
  }
};

}  // namespace

Layer RandomContrast(RandomContrastOptions options) {
  return Layer(std::make_shared<RandomContrastLayer>(std::move(options)));
}

Layer random_contrast_from_config(const Json& config) {
  return RandomContrast(toning_options<RandomContrastOptions>(Config(config)));
}

}  // namespace graft::layers
