// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/layers/regularization.hpp"

#include "layers/layer_class.hpp"

namespace graft::layers {
namespace {

constexpr auto kGaussianNoiseFields = fields<GaussianNoiseOptions>(
    field<&GaussianNoiseOptions::stddev>("stddev"), field<&GaussianNoiseOptions::seed, SeedCodec>("seed"));

class GaussianNoiseLayer final : public OptionsLayer<kGaussianNoiseFields> {
 public:
  explicit GaussianNoiseLayer(GaussianNoiseOptions given) : OptionsLayer("GaussianNoise", std::move(given)) {
    if (options().stddev >= 0 && options().stddev <= 1) return;
    fail(ErrorKind::invalid_argument, "GaussianNoise '", name(),
         "': expected a stddev from 0 to 1, received ", options().stddev);
  }

  [[nodiscard]] bool has_random_state() const override { return options().stddev > 0; }
  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    return only_input(inputs, 0);
  }
  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    if (!context.training || options().stddev == 0) return inputs[0];
    const ops::GaussianNoise noise{.deviation = static_cast<float>(options().stddev),
                                   .seed = seed_or_default(options().seed)};
    return context.graph.add(noise, inputs, context.graph.shape(inputs[0]));
  }
};

}  // namespace

Layer GaussianNoise(GaussianNoiseOptions options) {
  return Layer(std::make_shared<GaussianNoiseLayer>(std::move(options)));
}

constinit const LayerClass kGaussianNoiseClass =
    layer_class<kGaussianNoiseFields, GaussianNoise>("GaussianNoise");

}  // namespace graft::layers
