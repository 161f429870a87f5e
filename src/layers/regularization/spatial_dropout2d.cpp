// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/regularization.hpp"

#include "layers/regularization/random_zeros.hpp"

namespace graft::layers {
namespace {

constexpr auto kSpatialDropout2DFields = fields<SpatialDropout2DOptions>(
    field<&SpatialDropout2DOptions::rate>("rate"), field<&SpatialDropout2DOptions::seed, SeedCodec>("seed"));

class ChannelDropout final : public DropoutLayer<kSpatialDropout2DFields, &SpatialDropout2DOptions::rate> {
 public:
  explicit ChannelDropout(SpatialDropout2DOptions given)
      : DropoutLayer("SpatialDropout2D", "rate", std::move(given)) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    return only_input(inputs, 4);
  }
  /// Keras's SpatialDropout2D has no `trainable`.
  [[nodiscard]] Json config() const override {
    Json config = own_config();
    config["name"] = name();
    config["dtype"] = "float32";
    return config;
  }

 protected:
  [[nodiscard]] std::uint32_t shared_axes() const override { return 0b0110U; }
};

}  // namespace

Layer SpatialDropout2D(SpatialDropout2DOptions options) {
  return Layer(std::make_shared<ChannelDropout>(std::move(options)));
}

constinit const LayerClass kSpatialDropout2DClass =
    layer_class<kSpatialDropout2DFields, SpatialDropout2D, require_channels_last>("SpatialDropout2D");

}  // namespace graft::layers
