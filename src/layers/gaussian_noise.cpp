// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/regularization.hpp"

#include "layers/config.hpp"

namespace graft::layers {
namespace {

class GaussianNoiseLayer final : public LayerBase {
 public:
  explicit GaussianNoiseLayer(GaussianNoiseOptions options)
      : LayerBase("GaussianNoise", options.name), options_(std::move(options)) {
    if (options_.stddev >= 0 && options_.stddev <= 1) return;
    fail(ErrorKind::invalid_argument, "GaussianNoise '", name(),
         "': expected a stddev from 0 to 1, received ", options_.stddev);
  }

  [[nodiscard]] bool has_random_state() const override { return options_.stddev > 0; }
  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    return only_input(inputs, 0);
  }
  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    if (!context.training || options_.stddev == 0) return inputs[0];
    const ops::GaussianNoise noise{.deviation = static_cast<float>(options_.stddev),
                                   .seed = seed_or_default(options_.seed)};
    return context.graph.add(noise, inputs, context.graph.shape(inputs[0]));
  }
  [[nodiscard]] Json own_config() const override {
    return {{"stddev", options_.stddev}, {"seed", seed_json(options_.seed)}};
  }

 private:
  GaussianNoiseOptions options_;
};

}  // namespace

Layer GaussianNoise(GaussianNoiseOptions options) {
  return Layer(std::make_shared<GaussianNoiseLayer>(std::move(options)));
}

Layer gaussian_noise_from_config(const Json& config) {
  const Config reader(config);
  return GaussianNoise(
      {.stddev = reader.number("stddev", 0), .seed = reader.optional_seed(), .name = reader.name()});
}

}  // namespace graft::layers
