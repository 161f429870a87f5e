// SPDX-License-Identifier: Apache-2.0
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/preprocessing.hpp"

#include "layers/config.hpp"
#include "layers/random_image.hpp"

namespace graft::layers {
namespace {

class RandomRotationLayer final : public MovingLayer<RandomRotationOptions> {
 public:
  explicit RandomRotationLayer(RandomRotationOptions options)
      : MovingLayer("RandomRotation", std::move(options)) {}

 protected:
  [[nodiscard]] Json factors() const override { return {{"factor", factor_json(options().factor)}}; }
  [[nodiscard]] ops::RandomTransform movement() const override {
    return {.angle = to_range(options().factor)};
  }
};

}  // namespace

Layer RandomRotation(RandomRotationOptions options) {
  return Layer(std::make_shared<RandomRotationLayer>(std::move(options)));
}

Layer random_rotation_from_config(const Json& config) {
  const Config reader(config);
  auto options = moving_options<RandomRotationOptions>(reader);
  options.factor = reader.factor("factor", {});
  return RandomRotation(std::move(options));
}

}  // namespace graft::layers
