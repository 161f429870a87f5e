// SPDX-License-Identifier: Apache-2.0
#include "graft/base/json.hpp"
#include "graft/layers/regularization.hpp"

#include "layers/config.hpp"
#include "layers/dropout_layer.hpp"

namespace graft::layers {
namespace {

class ChannelDropout final : public DropoutLayer {
 public:
  explicit ChannelDropout(const SpatialDropout2DOptions& options)
      : DropoutLayer("SpatialDropout2D", options.name, {"rate", options.rate}, options.seed) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    return only_input(inputs, 4);
  }
  [[nodiscard]] Json own_config() const override { return {{"rate", rate()}, {"seed", seed_json(seed())}}; }
  /// Keras's SpatialDropout2D takes no `trainable`.
  [[nodiscard]] Json config() const override {
    Json config = own_config();
    config["name"] = name();
    config["dtype"] = "float32";
    return config;
  }

 protected:
  [[nodiscard]] std::uint32_t shared_axes(const Shape&) const override { return 0b0110U; }
};

}  // namespace

Layer SpatialDropout2D(SpatialDropout2DOptions options) {
  return Layer(std::make_shared<ChannelDropout>(options));
}

Layer spatial_dropout2d_from_config(const Json& config) {
  const Config reader(config);
  reader.require_channels_last();
  return SpatialDropout2D(
      {.rate = reader.number("rate", 0.5), .seed = reader.optional_seed(), .name = reader.name()});
}

}  // namespace graft::layers
