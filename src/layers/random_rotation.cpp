// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/random_rotation.hpp"

#include "graft/base/error.hpp"
#include "graft/layers/layer_base.hpp"

#include "layers/config.hpp"
#include "layers/random_image.hpp"

namespace graft::layers {
namespace {

class RandomRotationLayer final : public RandomImageLayer {
 public:
  explicit RandomRotationLayer(RandomRotationOptions options)
      : RandomImageLayer("RandomRotation", options.name, options.seed), options_(std::move(options)) {}

  [[nodiscard]] Json own_config() const override {
    return {{"factor", factor_json(options_.factor)},
            {"fill_mode", fill_name(options_.fill_mode)},
            {"interpolation", options_.interpolation},
            {"fill_value", options_.fill_value},
            {"seed", seed_json(seed())},
            {"data_format", "channels_last"}};
  }

 protected:
  [[nodiscard]] ops::Params random_op(std::uint64_t seed) const override {
    return ops::RandomTransform{.angle = to_range(options_.factor),
                                .fill_mode = to_fill_mode(options_.fill_mode),
                                .fill_value = static_cast<float>(options_.fill_value),
                                .interpolation = to_interpolation(name(), options_.interpolation),
                                .seed = seed};
  }

 private:
  RandomRotationOptions options_;
};

}  // namespace

Layer RandomRotation(RandomRotationOptions options) {
  return Layer(std::make_shared<RandomRotationLayer>(std::move(options)));
}

Layer random_rotation_from_config(const Json& config) {
  const Config reader(config);
  return RandomRotation({.factor = reader.factor("factor", {}),
                         .fill_mode = fill_from(reader),
                         .interpolation = reader.text("interpolation", "bilinear"),
                         .seed = reader.optional_seed(),
                         .fill_value = reader.number("fill_value", 0),
                         .name = reader.name()});
}

}  // namespace graft::layers
