// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/dropout.hpp"

#include "graft/base/error.hpp"
#include "graft/layers/layer_base.hpp"

#include "layers/config.hpp"

namespace graft::layers {
namespace {

class DropoutLayer final : public LayerBase {
 public:
  explicit DropoutLayer(DropoutOptions options)
      : LayerBase("Dropout", options.name), options_(std::move(options)) {}

  [[nodiscard]] bool has_random_state() const override { return options_.rate > 0; }
  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    if (options_.rate < 0 || options_.rate > 1) {
      fail(ErrorKind::invalid_argument, "Dropout '", name(), "': expected a rate from 0 to 1, received ",
           options_.rate);
    }
    return only_input(inputs, 0);
  }

  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override {
    if (!context.training || options_.rate == 0) return inputs[0];
    const ops::Dropout dropout{static_cast<float>(options_.rate), seed_or_default(options_.seed)};
    return context.graph.add(dropout, inputs, context.graph.shape(inputs[0]));
  }

  [[nodiscard]] Json own_config() const override {
    return {{"rate", options_.rate}, {"seed", seed_json(options_.seed)}, {"noise_shape", nullptr}};
  }

 private:
  DropoutOptions options_;
};

}  // namespace

Layer Dropout(DropoutOptions options) { return Layer(std::make_shared<DropoutLayer>(std::move(options))); }

Layer dropout_from_config(const Json& config) {
  const Config reader(config);
  return Dropout({.rate = reader.number("rate", 0.5), .seed = reader.optional_seed(), .name = reader.name()});
}

}  // namespace graft::layers
